using System.Data.Common;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>Query whose result the nodes cache.</summary>
/// <param name="query">Query.</param>
/// <param name="key">Key of its result.</param>
internal sealed class LiveQuery(GeneratedQuery query, string key)
{
    public GeneratedQuery Query => query;

    public string Key => key;

    /// <summary>Whether the order of its rows is part of the result.</summary>
    public bool HasOrder => query.Class.StartsWith("order with limit", StringComparison.Ordinal);

    /// <summary>Commands by which the query reads.</summary>
    public IReadOnlyList<CapturedCommand> Commands { get; set; } = [];

    /// <summary>The same, prepared on one connection; null if no such commands are used.</summary>
    public DbCommand[]? Prepared { get; set; }

    public TableReads Reads { get; set; } = TableReads.None;

    /// <summary>Rows before the next write.</summary>
    public string Result { get; set; } = "";

    /// <summary>Names that the newest load has recorded.</summary>
    public string[] Names { get; set; } = [];
}
