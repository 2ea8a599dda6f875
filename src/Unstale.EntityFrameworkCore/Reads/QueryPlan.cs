using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore;
using Unstale.EntityFrameworkCore.Forms;
using Unstale.Predicates;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Tables and conditions that one plan reads. Shared by all contexts with equal options.</summary>
internal sealed class QueryPlan
{
    private readonly RecentBindings _recent = new();
    private RowPredicate[]? _all;

    /// <summary>Occurrences of tables; null if the plan reads tables that are not known.</summary>
    public IReadOnlyList<TableTemplate>? Tables { get; init; }

    /// <summary>Number of the keys that an execution meets.</summary>
    public int Slots { get; init; }

    /// <summary>Whether the rows of an execution are part of its predicates.</summary>
    public bool IsMet { get; init; }

    /// <summary>Whether an execution can return entities that the context tracked before.</summary>
    public bool IsTracking { get; init; } = true;

    /// <summary>Function whose result changes without a write; null for none.</summary>
    public string? Volatile { get; init; }

    /// <summary>Text that identifies the query and its SQL, without the values of parameters; null if the query has no such text.</summary>
    public string? Fingerprint { get; set; }

    /// <summary>Statement that writes rows; null for a query.</summary>
    public StatementPlan? Statement { get; init; }

    /// <summary>Returns the predicates of one execution.</summary>
    public RowPredicate[] Bind(IReadOnlyDictionary<string, object?> parameters, ColumnHash hash, IModel model)
    {
        if (Tables is null)
            return _all ??= EveryTable(model);
        if (_recent.Find(parameters, hash, out var place) is { } known)
            return known;
        var predicates = new RowPredicate[Tables.Count];
        for (var i = 0; i < predicates.Length; i++)
            predicates[i] = Tables[i].Bind(parameters, hash);
        if (place is { } free)
            _recent.Keep(parameters, hash, free, predicates);
        return predicates;
    }

    private static RowPredicate[] EveryTable(IModel model) =>
        [.. model.GetRelationalModel().Tables.Select(static table => RowPredicate.OfTable(TableNames.Of(table.Schema, table.Name)))];
}
