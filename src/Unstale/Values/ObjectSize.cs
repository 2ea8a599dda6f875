namespace Unstale.Values;

/// <summary>Sizes of objects on the managed heap of a 64-bit process, in bytes. Used to compare the cache with a limit in bytes.</summary>
internal static class ObjectSize
{
    /// <summary>Header and type of each object.</summary>
    public const int Header = 16;

    /// <summary>Reference to an object.</summary>
    public const int Reference = 8;

    /// <summary>Average share of one item in a hash table of the runtime: hash, link, bucket and unused capacity.</summary>
    public const int TableSlot = 32;

    /// <summary>Length of an array, with padding.</summary>
    private const int Length = 8;

    /// <summary>Length and terminating zero of a string.</summary>
    private const int StringFrame = 6;

    public static long OfString(int characters) => Aligned(Header + StringFrame + ((long)characters * sizeof(char)));

    public static long OfArray(long length, int item) => Aligned(Header + Length + (length * item));

    public static long Aligned(long bytes) => (bytes + 7) & ~7L;
}
