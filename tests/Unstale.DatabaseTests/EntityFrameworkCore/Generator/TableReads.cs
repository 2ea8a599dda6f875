using System.Globalization;
using System.Text.RegularExpressions;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>
/// Tables of a query, as its SQL shows, with the key of the row for a table that is read by its key. Other caches than this one decide by them: a cache
/// of queries takes each result with a written table, and a developer tags a result with the rows read by key and the tables of lists.
/// </summary>
/// <param name="Tables">Occurrences of tables; the key is null for a list.</param>
internal sealed partial record TableReads(IReadOnlyList<(string Table, int? Id)> Tables)
{
    public static TableReads None { get; } = new([]);

    public static TableReads Of(IEnumerable<CapturedCommand> commands) => new([.. commands.SelectMany(Of)]);

    /// <summary>Returns whether a cache of whole tables takes the result.</summary>
    public bool IsOfTable(RandomWrite write) => write.Rows.Any(row => Tables.Any(read => read.Table == row.Table));

    /// <summary>Returns whether the result has a tag of the write: of the row or of the table. A statement of unknown rows names all tags of its table.</summary>
    public bool HasTag(RandomWrite write) =>
        write.Rows.Any(row => Tables.Any(read => read.Table == row.Table && (read.Id is null || row.Id is null || read.Id == row.Id)));

    private static IEnumerable<(string Table, int? Id)> Of(CapturedCommand command)
    {
        var ids = Key().Matches(command.Text).DistinctBy(static match => match.Groups["alias"].Value).ToDictionary(
            static match => match.Groups["alias"].Value, match => IdOf(command, match.Groups["parameter"].Value), StringComparer.Ordinal);
        return Source().Matches(command.Text).Select(match => (match.Groups["table"].Value, ids.TryGetValue(match.Groups["alias"].Value, out var id) ? id : (int?)null));
    }

    private static int IdOf(CapturedCommand command, string parameter) =>
        Convert.ToInt32(command.Parameters.Single(one => one.ParameterName.TrimStart('@') == parameter).Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("(FROM|JOIN) \"(?<table>\\w+)\" AS \"?(?<alias>\\w+)\"?", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Source();

    [GeneratedRegex("\"?(?<alias>\\w+)\"?\\.\"Id\" = @(?<parameter>\\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Key();
}
