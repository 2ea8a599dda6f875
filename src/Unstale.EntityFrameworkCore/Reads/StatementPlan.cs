using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;
using Unstale.EntityFrameworkCore.Forms;
using Unstale.Predicates;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Statement of ExecuteUpdate or ExecuteDelete, of which each execution is a bulk change.</summary>
internal sealed class StatementPlan
{
    private readonly string _table;
    private readonly TableTemplate? _where;
    private readonly List<WrittenColumn>? _written;
    private readonly string[]? _changed;

    /// <param name="target">Table that the statement writes.</param>
    /// <param name="scope">Sources of its select.</param>
    /// <param name="setters">Written columns; null for a delete.</param>
    /// <param name="conditions">Reader of conditions.</param>
    public StatementPlan(TableExpressionBase target, SourceScope scope, IReadOnlyList<ColumnValueSetter>? setters, ConditionReader conditions)
    {
        var table = (target as TableExpression)?.Table as ITable;
        _table = table is null ? "" : TableNames.Of(table.Schema, table.Name);
        scope.TryGet(target.Alias ?? "", out var source);
        IsKnown = table is not null && source?.Table == table;
        if (!IsKnown)
            return;
        _where = TemplateOf(source!);
        if (setters is null)
            return;
        _written = [.. setters.Select(setter => new WrittenColumn(setter, conditions.FormOf(source!, setter.Column.Name, setter.Column.TypeMapping)))];
        _changed = conditions.DesignOf(table) is not { } design || design.Triggers.Any()
            ? null
            : [.. _written.Select(static one => one.Name).Concat(UnseenColumns.Of(design)).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Whether the written table was found. Otherwise an execution can change every table.</summary>
    public bool IsKnown { get; }

    public static TableTemplate TemplateOf(Source source) =>
        new(TableNames.Of(source.Table!.Schema, source.Table.Name), [.. source.Terms.OrderBy(static term => term.Rank)], [.. source.Residuals], AffectingOf(source))
        {
            Met = source.Met,
            Limit = source.Limit,
        };

    private static IEnumerable<string> AffectingOf(Source source) => source.Affecting.Concat(source.Terms.Where(static term => !term.IsExact).Select(static term => term.Column));

    /// <summary>Returns the change of one execution.</summary>
    public RowChange Bind(IReadOnlyDictionary<string, object?> parameters, ColumnHash hash)
    {
        var terms = _where!.BindTerms(parameters, hash, []);
        if (_written is null)
            return new RowChange(_table, RowOperation.BulkDelete) { Where = terms };
        var values = new List<KeyValuePair<string, ColumnValue>>();
        foreach (var column in _written)
        {
            if (column.TryBind(parameters, hash, out var form))
                values.Add(new(column.Name, form));
        }

        foreach (var term in terms)
        {
            // A column that the statement does not write has the value of its condition afterwards, too.
            if (!term.IsRange && term.Values.Length == 1 && IsUnchanged(term.Column))
                values.Add(new(term.Column, term.Values[0]));
        }

        return new RowChange(_table, RowOperation.BulkUpdate) { Where = terms, New = new([.. values]), Changed = _changed };
    }

    private bool IsUnchanged(string column) => _changed is not null && !_changed.Contains(column, StringComparer.Ordinal);

    private sealed class WrittenColumn(ColumnValueSetter setter, ColumnForm? form)
    {
        private readonly ValueSource? _value = ConditionReader.ValueOf(setter.Value, setter.Column);

        public string Name { get; } = setter.Column.Name;

        public bool TryBind(IReadOnlyDictionary<string, object?> parameters, ColumnHash hash, out ColumnValue bound)
        {
            bound = default;
            var values = new List<object?>(1);
            return form is not null && _value is not null && _value.TryRead(parameters, values) && form.TryCreate(values[0], hash, out bound);
        }
    }
}
