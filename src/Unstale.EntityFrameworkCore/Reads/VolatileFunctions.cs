using Microsoft.EntityFrameworkCore.Query.SqlExpressions;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Functions whose results depend on time, chance, a sequence or the session, and so change without a write.</summary>
internal static class VolatileFunctions
{
    private static readonly HashSet<string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        "random", "rand", "randomblob", "nextval", "currval", "lastval", "setval", "current_setting", "current_timestamp", "current_time", "current_date",
        "utc_timestamp", "utc_time", "utc_date", "localtime", "localtimestamp", "sysdate", "sysdatetime", "sysutcdatetime", "getdate", "getutcdate", "newid",
    };

    private static readonly HashSet<string> Clocks = new(StringComparer.OrdinalIgnoreCase) { "date", "time", "datetime", "julianday", "strftime", "unixepoch", "timediff" };

    /// <summary>Returns whether a function of the database is one of them. A function without arguments is, because only its surroundings decide.</summary>
    public static bool Contains(SqlFunctionExpression function)
    {
        if (function.Arguments is not { Count: > 0 } arguments)
            return function.Instance is null && !string.Equals(function.Name, "pi", StringComparison.OrdinalIgnoreCase);
        if (Names.Contains(function.Name))
            return true;
        if (string.Equals(function.Name, "age", StringComparison.OrdinalIgnoreCase))
            return arguments.Count == 1;
        return Clocks.Contains(function.Name) && arguments.Any(IsNow);
    }

    /// <summary>Returns whether SQL written by a developer can read a clock, call a function or contain a query.</summary>
    public static bool MayBeIn(SqlFragmentExpression fragment) =>
        fragment.Sql.Contains('(', StringComparison.Ordinal)
        || fragment.Sql.Contains("current", StringComparison.OrdinalIgnoreCase)
        || fragment.Sql.Contains("local", StringComparison.OrdinalIgnoreCase)
        || fragment.Sql.Contains("select", StringComparison.OrdinalIgnoreCase);

    private static bool IsNow(SqlExpression argument) => argument is SqlConstantExpression { Value: string text } && text.Equals("now", StringComparison.OrdinalIgnoreCase);
}
