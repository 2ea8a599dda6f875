using Microsoft.EntityFrameworkCore.Query.SqlExpressions;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Equalities of two columns of a plan. A constant on one side is carried to the other one.</summary>
internal sealed class ColumnLinks(ConditionReader conditions)
{
    private readonly List<Link> _links = [];

    /// <summary>Adds an equality that the rows of a select satisfy.</summary>
    /// <param name="one">Column of the one side.</param>
    /// <param name="other">Column of the other side.</param>
    /// <param name="scope">Sources of the select.</param>
    /// <param name="far">Nullable side of the outer join with the equality, to which alone constants are carried; null for an equality that filters rows.</param>
    public void Add(ColumnExpression one, ColumnExpression other, SourceScope scope, Source? far)
    {
        AddOne(one, other, scope, far);
        AddOne(other, one, scope, far);
    }

    /// <summary>Carries the constants until no more are found.</summary>
    public void Carry()
    {
        bool isChanged;
        do
        {
            isChanged = false;
            foreach (var link in _links)
                isChanged |= TryCarry(link);
        }
        while (isChanged);
    }

    private void AddOne(ColumnExpression from, ColumnExpression to, SourceScope scope, Source? far)
    {
        // Rows of a select around are not filtered by a select inside.
        if (!scope.TryGet(to.TableAlias, out var target) || (far is not null && target != far) || !IsPlain(target))
            return;
        if (scope.Resolve(from) is not { IsNullable: false } origin || scope.Resolve(to) is not { } end || origin.Source == end.Source)
            return;
        _links.Add(new Link(origin, end, new ColumnExpressions(from, to), IsFilter: far is null && end.IsNullable));
    }

    /// <summary>Returns whether each row of a source is a row of one table: a limit, a group or a window would depend on other rows too.</summary>
    private static bool IsPlain(Source source) => source.Table is not null
        || (source.Select is { Limit: null, Offset: null } select
            && select.ReturnsEachRow()
            && select.Projection.All(static one => one.Expression is ColumnExpression)
            && source.Inner is { } inner
            && inner.Sources.All(IsPlain));

    private bool TryCarry(Link link)
    {
        var isChanged = false;
        foreach (var term in link.From.Source.Terms.FindAll(term => term.Kind is TermKind.Values && string.Equals(term.Column, link.From.Name, StringComparison.Ordinal)))
        {
            if (link.To.Source.Terms.Exists(known => known.Values == term.Values && string.Equals(known.Column, link.To.Name, StringComparison.Ordinal)))
                continue;
            if (!conditions.HaveOneType(link.From, link.To, link.Columns.From, link.Columns.To) || conditions.FormOf(link.To.Source, link.To.Name, link.Columns.To.TypeMapping) is not { } form)
                continue;
            link.To.Source.Terms.Add(term with
            {
                Column = link.To.Name,
                Form = form,
                RejectsNull = term.RejectsNull || link.IsFilter,
                Rank = TermRank.Of(link.To.Source.Table!, link.To.Name, TermKind.Values),
            });
            isChanged = true;
        }

        return isChanged;
    }

    private sealed record Link(TableColumn From, TableColumn To, ColumnExpressions Columns, bool IsFilter);

    private sealed record ColumnExpressions(ColumnExpression From, ColumnExpression To);
}
