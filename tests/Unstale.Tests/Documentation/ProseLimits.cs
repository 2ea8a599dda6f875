using System.Text.RegularExpressions;

namespace Unstale.Tests.Documentation;

/// <summary>Limits on the frequency of word classes, per 1,000 words.</summary>
internal sealed partial class ProseLimits(params (WordClass Class, double Limit)[] limits)
{
    private const int MostListed = 30;

    /// <summary>Comments of the sources.</summary>
    public static ProseLimits OfComments { get; } =
        new((WordClass.Speech, 2), (WordClass.Motion, 7), (WordClass.FreeRelatives, 2), (WordClass.Pronouns, 35));

    /// <summary>Pages of the documentation.</summary>
    public static ProseLimits OfPages { get; } =
        new((WordClass.Speech, 5), (WordClass.FreeRelatives, 8), (WordClass.Pronouns, 45));

    /// <summary>Frequencies above their limits and the lines with the most such words; empty if there are none.</summary>
    public string Excess(IEnumerable<ProseLine> prose)
    {
        var lines = prose.ToList();
        var words = lines.Sum(static line => Word().Count(line.Text));
        var above = limits.Where(limit => Frequency(lines, limit.Class, words) > limit.Limit).ToList();
        if (above.Count == 0)
            return "";

        var worst =
            from line in lines
            let found = above.SelectMany(limit => limit.Class.Words.Matches(line.Text)).Select(static match => match.Value).ToList()
            where found.Count > 0
            orderby found.Count descending
            select $"{line.File}:{line.Number}: {string.Join(", ", found)}: {line.Text.Trim()}";
        var frequencies = above.Select(limit => FormattableString.Invariant(
            $"{Frequency(lines, limit.Class, words):0.0} {limit.Class.Name} in 1,000 words, at most {limit.Limit}"));
        return string.Join('\n', [$"{words} words", .. frequencies, .. worst.Take(MostListed)]);
    }

    private static double Frequency(List<ProseLine> lines, WordClass counted, int words) =>
        1000.0 * lines.Sum(line => counted.Words.Count(line.Text)) / Math.Max(1, words);

    [GeneratedRegex("[A-Za-z']+", RegexOptions.None, 1000)]
    private static partial Regex Word();
}
