using System.Text.RegularExpressions;

namespace Unstale.PostgreSql.Schema;

/// <summary>Names of schemas that are written into statements. The permitted names need no quotes, so that a name cannot change a statement.</summary>
internal static partial class SchemaName
{
    public static bool IsValid(string? schema) => schema is not null && Permitted().IsMatch(schema);

    [GeneratedRegex("^(?!pg_)[a-z][a-z0-9_]{0,39}\\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Permitted();
}
