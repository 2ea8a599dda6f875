using Unstale.Values;

namespace Unstale.Predicates;

/// <summary>
/// Names of tables and columns that were read from texts, so that the next text does not allocate them again. Two names in one place replace each other.
/// </summary>
internal static class NamePool
{
    private const int Places = 1_024;
    private const int LongestName = 64;

    private static readonly string?[] Names = new string?[Places];

    /// <summary>Returns a string with the characters of a name.</summary>
    public static string Get(ReadOnlySpan<char> name)
    {
        if (name.Length > LongestName)
            return name.ToString();
        ref var place = ref Names[KeyHash.Compute(name) % Places];
        if (Volatile.Read(ref place) is { } known && name.SequenceEqual(known))
            return known;
        var added = name.ToString();
        Volatile.Write(ref place, added);
        return added;
    }
}
