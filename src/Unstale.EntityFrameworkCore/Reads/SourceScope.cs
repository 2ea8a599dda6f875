using System.Diagnostics.CodeAnalysis;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Sources of one select by alias, inside the scope of the select around it.</summary>
internal sealed class SourceScope(SourceScope? outer)
{
    private readonly Dictionary<string, Source> _sources = new(StringComparer.Ordinal);

    public SourceScope? Outer => outer;

    public IEnumerable<Source> Sources => _sources.Values;

    public void Add(string alias, Source source) => _sources[alias] = source;

    /// <summary>Finds a source of this select alone.</summary>
    public bool TryGet(string alias, [NotNullWhen(true)] out Source? source) => _sources.TryGetValue(alias, out source);

    /// <summary>Returns the source of an alias, here or in a select around; null if there is none.</summary>
    public Source? Find(string alias) => TryGet(alias, out var source) ? source : outer?.Find(alias);

    /// <summary>Returns the column of a table that a column of this scope or of a derived table in it stands for; null for another value.</summary>
    public TableColumn? Resolve(ColumnExpression column)
    {
        var isNullable = false;
        var scope = this;
        while (true)
        {
            if (scope.Find(column.TableAlias) is not { } source)
                return null;
            isNullable |= source.IsNullable;
            if (source.Table is not null)
                return new TableColumn(source, column.Name, isNullable);
            if (source.Select is not { } select || source.Inner is not { } inner)
                return null;
            if (select.Projection.FirstOrDefault(one => string.Equals(one.Alias, column.Name, StringComparison.Ordinal))?.Expression is not ColumnExpression next)
                return null;
            (column, scope) = (next, inner);
        }
    }
}
