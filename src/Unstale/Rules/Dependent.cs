namespace Unstale.Rules;

/// <summary>A key that is taken because of what it depends on.</summary>
/// <param name="Key">The key.</param>
/// <param name="Base">The name that it depends on.</param>
/// <param name="Parent">The place of that name among the dependents; else <see cref="Taken"/> or <see cref="Declared"/>.</param>
/// <param name="From">The place, among what is taken, of what it all began with.</param>
internal readonly record struct Dependent(string Key, string Base, int Parent, int From)
{
    /// <summary>The base is taken, or was made from a taken value.</summary>
    public const int Taken = -1;

    /// <summary>The base is declared to be computed from a taken name: one more declared step.</summary>
    public const int Declared = -2;
}

/// <summary>Keys that depend on what is taken, nearest first, each once.</summary>
internal sealed class Dependents
{
    private const int LongestChain = 16;

    private readonly List<Dependent> _all = [];

    public static Dependents None { get; } = new();

    public int Count => _all.Count;

    public Dependent this[int index] => _all[index];

    public void Add(Dependent dependent) => _all.Add(dependent);

    /// <summary>How it was reached: <c>pricing:123 -> calculation:123</c>. Of a long way its last names.</summary>
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
