using System.Text;

namespace Unstale.Redis.Channel;

/// <summary>Pattern that matches all keys that begin with one of the prefixes.</summary>
internal sealed record PrefixPattern(GlobPattern Pattern, params IReadOnlyList<string> Prefixes);

/// <summary>Converts many prefixes into few patterns. The patterns match all keys that the prefixes match, and never everything.</summary>
internal static class PatternPrefixes
{
    private const int MostMerged = 256;
    private const int LongestMerged = 128;

    public static PrefixPattern ToPattern(string prefix)
    {
        var shown = prefix.Length < KeyPattern.MaximumLength / 2 ? prefix : Cut(prefix, KeyPattern.MaximumLength / 4);
        return new(new GlobPattern(GlobPattern.Escape(shown) + "*"), shown);
    }

    /// <summary>
    /// Merges the two neighbours with the longest common prefix until few are left. Prefixes that differ in the first character are combined to classes.
    /// </summary>
    public static IEnumerable<PrefixPattern> Merge(IEnumerable<string> prefixes, int most)
    {
        var left = new List<string>();
        foreach (var prefix in Shortened([.. prefixes.Where(static prefix => prefix.Length > 0)]).Order(StringComparer.Ordinal))
        {
            if (left.Count == 0 || !prefix.StartsWith(left[^1], StringComparison.Ordinal))
                left.Add(prefix);
        }

        while (left.Count > most)
        {
            var at = Enumerable.Range(0, left.Count - 1).MaxBy(i => Common(left[i], left[i + 1]));
            if (Common(left[at], left[at + 1]) is not (> 0 and var common))
                return Classes(left);

            left[at] = left[at][..common];
            left.RemoveAt(at + 1);
        }

        return left.Select(ToPattern);
    }

    /// <summary>Limits the number of prefixes, because neighbours are compared in pairs.</summary>
    private static HashSet<string> Shortened(IReadOnlyCollection<string> prefixes)
    {
        var shortened = prefixes.ToHashSet(StringComparer.Ordinal);
        for (var length = LongestMerged; shortened.Count > MostMerged && length > 0; length /= 2)
            shortened = [.. prefixes.Select(prefix => prefix.Length > length ? Cut(prefix, length) : prefix).Where(static prefix => prefix.Length > 0)];

        return shortened;
    }

    /// <summary>
    /// Combines first characters to classes. A character outside the Basic Multilingual Plane cannot be in a class, so its prefixes remain patterns of their own.
    /// </summary>
    private static IEnumerable<PrefixPattern> Classes(List<string> prefixes)
    {
        var alone = prefixes.Where(static prefix => char.IsSurrogate(prefix[0])).Select(ToPattern);
        var classes = prefixes.Select(static prefix => prefix[0]).Where(static first => !char.IsSurrogate(first)).Distinct().Chunk(KeyPattern.MaximumLength / 4);
        return alone.Concat(classes.Select(Class));
    }

    private static PrefixPattern Class(char[] firsts)
    {
        var text = firsts.Aggregate(new StringBuilder("["), static (text, first) => text.Append('\\').Append(first)).Append("]*").ToString();
        return new(new GlobPattern(text), [.. firsts.Select(static first => first.ToString())]);
    }

    private static int Common(string one, string other)
    {
        var common = one.AsSpan().CommonPrefixLength(other);
        return common > 0 && char.IsHighSurrogate(one[common - 1]) ? common - 1 : common;
    }

    /// <summary>Cuts a text without splitting a surrogate pair, because half of a pair is not valid text.</summary>
    private static string Cut(string text, int length)
    {
        var isHalf = length > 0 && length < text.Length && char.IsHighSurrogate(text[length - 1]);
        return text[..(isHalf && length == 1 ? 2 : isHalf ? length - 1 : length)];
    }
}
