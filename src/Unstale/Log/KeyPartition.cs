namespace Unstale.Log;

/// <summary>
/// Maps a key to a partition: FNV-1a of 64 bits over the UTF-16 code units, mixed by the finalizer of MurmurHash3, modulo the number of partitions.
/// The mapping is part of the format, because all nodes of a log must agree on it.
/// </summary>
internal static class KeyPartition
{
    private const ulong Offset = 14_695_981_039_346_656_037;
    private const ulong Prime = 1_099_511_628_211;

    /// <summary>True if a target concerns entries of a partition: a key only in its own partition, any other target in each.</summary>
    public static bool Concerns(int partition, int count, in InvalidationTarget target) =>
        target.Kind != TargetKind.Key || Of(target.Text, count) == partition;

    public static int Of(ReadOnlySpan<char> key, int count)
    {
        var hash = Offset;
        foreach (var unit in key)
            hash = (hash ^ unit) * Prime;
        hash = (hash ^ (hash >> 33)) * 0xFF51_AFD7_ED55_8CCD; // the low bits of FNV alone follow the low bits of the text
        hash = (hash ^ (hash >> 33)) * 0xC4CE_B9FE_1A85_EC53;
        return (int)((hash ^ (hash >> 33)) % (uint)count);
    }
}
