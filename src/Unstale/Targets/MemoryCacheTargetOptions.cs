namespace Unstale.Targets;

/// <summary>How names of the log and keys of a memory cache belong together. Called often, and not concurrently.</summary>
public sealed class MemoryCacheTargetOptions
{
    /// <summary>The keys under which a memory cache holds what the log calls by this key. Default: the key itself, a string.</summary>
    public Func<string, IEnumerable<object>>? KeysOf { get; set; }

    /// <summary>The keys under which it holds what carries a tag. Default: unknown, so that a tag takes everything.</summary>
    public Func<string, IEnumerable<object>>? KeysOfTag { get; set; }
}
