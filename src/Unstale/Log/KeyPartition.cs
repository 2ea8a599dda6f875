namespace Unstale.Log;

/// <summary>
/// Maps a key to a partition: FNV-1a of 64 bits over the UTF-16 code units, mixed by the finalizer of MurmurHash3, modulo the number of partitions.
/// The mapping is part of the format, because all nodes of a log must agree on it.
/// </summary>
internal static class KeyPartition
{
    private const ulong Offset = 14_695_981_039_346_656_037;
    private const ulong Prime = 1_099_511_628_211;

    /// <summary>Partition of a target that concerns the entries of every partition.</summary>
    private const int Every = -1;

    /// <summary>Returns the partition of each target, for <see cref="Concerns"/>. Hashes each key once.</summary>
    public static int[] ForEach(ReadOnlySpan<InvalidationTarget> targets, int count)
    {
        var partitions = new int[targets.Length];
        for (var i = 0; i < targets.Length; i++)
            partitions[i] = targets[i].Kind == TargetKind.Key ? ForKey(targets[i].Text, count) : Every;
        return partitions;
    }

    /// <summary>True if a target concerns entries of a partition: a key only in its own partition, any other target in each.</summary>
    /// <param name="target">Partition of the target, from <see cref="ForEach"/>.</param>
    /// <param name="partition">Number of the partition.</param>
    public static bool Concerns(int target, int partition) => target == Every || target == partition;

    /// <summary>True if a partition reports targets of a kind: each partition its keys, the first one also the targets that reach all.</summary>
    public static bool Reports(int partition, TargetKind kind) => partition == 0 || kind == TargetKind.Key;

    public static int ForKey(ReadOnlySpan<char> key, int count)
    {
        if (count == 1)
            return 0;
        var hash = Offset;
        foreach (var unit in key)
            hash = (hash ^ unit) * Prime;
        hash = (hash ^ (hash >> 33)) * 0xFF51_AFD7_ED55_8CCD; // the low bits of FNV alone follow the low bits of the text
        hash = (hash ^ (hash >> 33)) * 0xC4CE_B9FE_1A85_EC53;
        return (int)((hash ^ (hash >> 33)) % (uint)count);
    }
}
