namespace Unstale.Redis.Log;

/// <summary>
/// Maximum number of records in the stream within its size limit, estimated from the records appended recently by this node. A node with large
/// records shortens the stream for all nodes. Half of the allowed size is used, to leave room for nodes that append small records in between.
/// </summary>
internal sealed class StreamLength(RedisLogSettings settings)
{
    private const int Fewest = 1000;

    private double _average = 256;

    /// <summary>Updates the average size, which rises quickly and falls slowly. A concurrent update may be lost; later updates compensate for the loss.</summary>
    public void Add(int bytes)
    {
        var average = Volatile.Read(ref _average);
        Volatile.Write(ref _average, average + ((bytes - average) / (bytes > average ? 4 : 64)));
    }

    public long Records => (long)Math.Clamp(settings.StreamBytes / 2 / Volatile.Read(ref _average), Math.Min(Fewest, settings.MostRecords), settings.MostRecords);
}
