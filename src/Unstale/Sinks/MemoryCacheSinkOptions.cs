namespace Unstale.Sinks;

/// <summary>Mapping from names in the log to keys of a memory cache. The functions are called often, but not concurrently.</summary>
public sealed class MemoryCacheSinkOptions
{
    /// <summary>Function from a key in the log to the keys of its entries in the memory cache. Default: null (the key itself, a string).</summary>
    public Func<string, IEnumerable<object>>? KeysOf { get; set; }

    /// <summary>Function from a tag to the keys of the entries that carry the tag. Default: null (unknown, so that a tag removes everything).</summary>
    public Func<string, IEnumerable<object>>? KeysOfTag { get; set; }
}
