using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Table, derived table or function in the <c>FROM</c> of one select.</summary>
internal sealed class Source
{
    /// <summary>Table of the store; null for another source, whose own selects are read on their own.</summary>
    public ITable? Table { get; init; }

    /// <summary>Select of a derived table; null for another source.</summary>
    public SelectExpression? Select { get; init; }

    /// <summary>Sources inside <see cref="Select"/>.</summary>
    public SourceScope? Inner { get; set; }

    /// <summary>Whether an outer join can replace the rows of the source with nulls.</summary>
    public bool IsNullable { get; set; }

    /// <summary>Whether columns of the source decide which rows of the other sources are read.</summary>
    public bool IsFilter { get; set; }

    /// <summary>Column with the keys that an execution meets; null if its rows are not read by keys.</summary>
    public MetColumn? Met { get; set; }

    /// <summary>First column of the order of a plan with a limit; null if another table has it, or none.</summary>
    public LimitColumn? Limit { get; set; }

    public List<TermTemplate> Terms { get; } = [];

    /// <summary>Conditions that are no terms.</summary>
    public List<ResidualTemplate> Residuals { get; } = [];

    /// <summary>Columns that decide the result beside the terms.</summary>
    public SortedSet<string> Affecting { get; } = new(StringComparer.Ordinal);
}
