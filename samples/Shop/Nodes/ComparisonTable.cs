using System.Globalization;
using System.Text;

namespace Shop.Nodes;

/// <summary>Comparison as a table for a terminal.</summary>
internal static class ComparisonTable
{
    private const string Columns = "{0,-12} {1,-5} {2,10} {3,8} {4,12} {5,14} {6,14}";

    private static readonly CompositeFormat Row = CompositeFormat.Parse(Columns);

    /// <summary>Returns the answers of both nodes with Unstale and without, one in each line.</summary>
    public static string Format(ComparisonAnswer answer)
    {
        var table = new StringBuilder();
        Add(table, "cache", "node", "price", "version", "stale for", "true within", "stale answers");
        foreach (var one in answer.Caches)
        {
            Add(
                table,
                one.Cache,
                one.Node,
                one.Price?.ToString("0.00", CultureInfo.InvariantCulture) ?? "none",
                $"{one.Version} of {answer.Version}",
                one.StaleForMs > 0 ? Time(one.StaleForMs) : "not stale",
                one.TrueAfterMs is { } after && answer.ChangedMsAgo is not null ? Time(after) : "not yet",
                $"{one.StaleAnswers} of {one.Answers}");
        }

        return table.ToString();
    }

    private static void Add(StringBuilder table, params object?[] cells) =>
        table.AppendFormat(CultureInfo.InvariantCulture, Row, cells).Append('\n');

    private static string Time(double milliseconds) => milliseconds < 1000
        ? $"{milliseconds.ToString("0.0", CultureInfo.InvariantCulture)} ms"
        : $"{(milliseconds / 1000).ToString("0.0", CultureInfo.InvariantCulture)} s";
}
