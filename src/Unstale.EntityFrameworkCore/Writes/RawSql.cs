using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Unstale.Predicates;

namespace Unstale.EntityFrameworkCore.Writes;

/// <summary>Tables that a statement of the application writes, as far as its text shows.</summary>
internal static partial class RawSql
{
    /// <summary>Returns whether the statement begins or ends a transaction, so that no event reports the commit.</summary>
    public static bool IsOfTransaction(string sql) => TransactionCommand().IsMatch(sql) && !InnerStatement().IsMatch(sql);

    /// <summary>Returns the changes of a statement: those of one table if the statement is simple, else those of every table.</summary>
    public static List<RowChange> ChangesOf(string sql, DbContext context)
    {
        if (!InnerStatement().IsMatch(sql) && Harmless().IsMatch(sql))
            return [];
        if (!InnerStatement().IsMatch(sql) && Write().Match(sql) is { Success: true } write && Named(write, context) is { Count: > 0 } named)
            return [.. named.SelectMany(table => ChangesOf(table, write.Groups["deletes"].Success, context))];
        return [.. MappedTable.All(context).Select(static table => RowChange.OfTable(table.Name))];
    }

    private static IEnumerable<RowChange> ChangesOf(MappedTable table, bool deletes, DbContext context) =>
        (deletes ? Cascade.AllOf(table, context) : []).Prepend(RowChange.OfTable(table.Name));

    private static List<MappedTable> Named(Match write, DbContext context)
    {
        var schema = write.Groups["schema"] is { Success: true } of ? Unquoted(of.Value) : null;
        var name = Unquoted(write.Groups["name"].Value);
        return [.. MappedTable.All(context).Where(table => table.IsNamed(schema, name))];
    }

    private static string Unquoted(string name) => name[0] is '"' or '[' or '`' ? name[1..^1] : name;

    [GeneratedRegex(@"^\s*(begin|start\s+transaction|commit|end|abort|rollback(?!\s+(work\s+|transaction\s+)?to\b))\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TransactionCommand();

    /// <summary>A semicolon before the end: several statements, a block or a text with a semicolon.</summary>
    [GeneratedRegex(@";\s*[^;\s]", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex InnerStatement();

    [GeneratedRegex(@"^\s*(set|reset|show|pragma|analyze|vacuum|lock|savepoint|release|rollback|listen|notify)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Harmless();

    [GeneratedRegex(
        """
        ^\s*(insert\s+into|update|(?<deletes>insert\s+or\s+\w+\s+into|replace\s+into|update\s+or\s+\w+|delete\s+from|truncate(\s+table)?|merge\s+into))\s+
        (only\s+)?((?<schema>"[^"]+"|\[[^\]]+\]|`[^`]+`|\w+)\s*\.\s*)?(?<name>"[^"]+"|\[[^\]]+\]|`[^`]+`|\w+)
        \s*(\(|$|;|\w)(?!.*\b(join|cascade)\b)
        """,
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace | RegexOptions.Singleline, 1000)]
    private static partial Regex Write();
}
