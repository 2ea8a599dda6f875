namespace Unstale.Redis.Log;

/// <summary>
/// How many records the stream may keep, so that it stays below its bytes: judged by what this node has appended of late. A node of large
/// records cuts the stream for all, and the limit is half of what is allowed, for the nodes of small ones that append in between.
/// </summary>
internal sealed class StreamLength(RedisLogSettings settings)
{
    private const int Fewest = 1000;

    private double _average = 256;

    /// <summary>Quick to grow, slow to shrink. Of two at once one may be lost, which the next ones make good.</summary>
    public void Add(int bytes)
    {
        var average = Volatile.Read(ref _average);
        Volatile.Write(ref _average, average + ((bytes - average) / (bytes > average ? 4 : 64)));
    }

    public long Records => (long)Math.Clamp(settings.StreamBytes / 2 / Volatile.Read(ref _average), Math.Min(Fewest, settings.MostRecords), settings.MostRecords);
}
