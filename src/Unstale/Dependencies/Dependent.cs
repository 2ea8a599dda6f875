using Unstale.Log;

namespace Unstale.Dependencies;

/// <summary>Key invalidated because of a dependency.</summary>
/// <param name="Key">Invalidated key.</param>
/// <param name="Base">Name the key depends on.</param>
/// <param name="Parent">Index of the base among the dependents; otherwise <see cref="Taken"/> or <see cref="Declared"/>.</param>
/// <param name="From">Index of the target at which the path starts.</param>
internal readonly record struct Dependent(string Key, string Base, int Parent, int From)
{
    /// <summary>The base is invalidated, or was made from an invalidated value.</summary>
    public const int Taken = -1;

    /// <summary>The base is declared to be computed from an invalidated name, one more declared step away.</summary>
    public const int Declared = -2;
}

/// <summary>Keys that depend on a set of targets, nearest first, each once.</summary>
internal sealed class Dependents
{
    private const int LongestChain = 16;

    private readonly List<Dependent> _all = [];

    public static Dependents None { get; } = new();

    public int Count => _all.Count;

    public Dependent this[int index] => _all[index];

    public void Add(Dependent dependent) => _all.Add(dependent);

    /// <summary>Adds the keys to an invalidation, each with the cause and timing of the target at which its path starts.</summary>
    /// <param name="targets">Builder that receives the keys.</param>
    /// <param name="named">Targets at which the paths start.</param>
    /// <param name="recursive">Whether to add keys more than one declared step away.</param>
    public void AddTo(InvalidationBuilder targets, ReadOnlySpan<InvalidationItem> named, bool recursive)
    {
        for (var i = 0; i < Count; i++)
        {
            var (key, _, parent, from) = _all[i];
            if (parent != Dependent.Taken && !recursive)
                continue;
            var (before, chain) = (named[from].Chain, ChainOf(i));
            targets.Add(named[from] with { Target = InvalidationTarget.ForKey(key), Chain = before is null ? chain : $"{before} -> {chain}" });
        }
    }

    /// <summary>Returns the path to a key, such as <c>pricing:123 -> calculation:123</c>. A long path is reduced to its last names.</summary>
    public string ChainOf(int index)
    {
        var names = new List<string> { _all[index].Key };
        for (var at = index; at >= 0; at = _all[at].Parent)
        {
            names.Add(names.Count < LongestChain ? _all[at].Base : "...");
            if (names.Count > LongestChain)
                break;
        }

        names.Reverse();
        return string.Join(" -> ", names);
    }
}
