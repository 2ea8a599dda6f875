using System.Reflection;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Query;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Finds the table whose column orders the rows of a plan with a limit.</summary>
internal static class LimitFinder
{
    private static readonly MethodInfo Observe = typeof(MetValues).GetMethod(nameof(MetValues.ObserveOrder))!;

    /// <summary>Sets the column of the table, and returns the plan with a shaper that notes its values.</summary>
    /// <param name="shaped">Plan.</param>
    /// <param name="followed">The plan, with a shaper that may note keys.</param>
    /// <param name="scope">Sources of its select.</param>
    /// <param name="conditions">Reader of conditions.</param>
    /// <param name="mayDiffer">Whether rows may be entities with other values: those that the context tracked before, or that an interceptor altered.</param>
    public static ShapedQueryExpression Follow(ShapedQueryExpression shaped, ShapedQueryExpression followed, SourceScope scope, ConditionReader conditions, bool mayDiffer)
    {
        var shaper = shaped.ShaperExpression;
        if (shaped.QueryExpression is not SelectExpression root || shaper is RelationalGroupByResultExpression)
            return followed;
        if (!root.ReturnsEachRow() || root.Orderings is not [{ Expression: ColumnExpression read } first, ..])
            return followed;
        var (limited, column) = root.Limit is null ? OfDerived(root, first, read, ref scope) : (root, read);
        if (limited?.Limit is null || column is null || ValueOf(limited.Limit) is not { } rows)
            return followed;
        if (!scope.TryGet(column.TableAlias, out var source) || source is not { Table: not null, IsNullable: false })
            return followed;
        if (conditions.FormOf(source, column.Name, column.TypeMapping) is not { HasOrder: true } form)
            return followed;
        if (RowValue.IndexOf(read, root) is not { } projection || RowValue.Find(shaper, root, projection) is not { } value || (value.Value is null && mayDiffer))
            return followed;
        var isDescending = !first.IsAscending;
        source.Limit = new LimitColumn(column.Name, form, isDescending, column.IsNullable && conditions.MayOrderNullsFirst(isDescending), rows);
        return followed.UpdateShaperExpression(value.Observed(followed.ShaperExpression, Observe));
    }

    /// <summary>
    /// Returns the derived table with the limit, to whose rows the select adds at most one row of each other table, and the column that orders both. Entity
    /// Framework Core reads a limited list with its references in this form.
    /// </summary>
    private static (SelectExpression? Limited, ColumnExpression? Column) OfDerived(SelectExpression root, OrderingExpression first, ColumnExpression read, ref SourceScope scope)
    {
        if (root is not { Predicate: null, Offset: null, Tables: [SelectExpression { Limit: not null } limited, ..] } || !limited.ReturnsEachRow())
            return default;
        if (!string.Equals(read.TableAlias, limited.Alias, StringComparison.Ordinal) || !scope.TryGet(limited.Alias!, out var derived) || derived.Inner is not { } inner)
            return default;
        var projected = limited.Projection.FirstOrDefault(one => string.Equals(one.Alias, read.Name, StringComparison.Ordinal))?.Expression as ColumnExpression;
        if (projected is null || limited.Orderings is not [var order, ..] || !order.Expression.Equals(projected) || order.IsAscending != first.IsAscending)
            return default;
        if (!root.Tables.Skip(1).All(AddsOneRowAtMost))
            return default;
        scope = inner;
        return (limited, projected);
    }

    private static bool AddsOneRowAtMost(TableExpressionBase joined)
    {
        if (joined is not PredicateJoinExpressionBase { Table: TableExpression { Table: ITable { PrimaryKey.Columns: [var key] } } far } join || join is not (LeftJoinExpression or InnerJoinExpression))
            return false;
        return ConditionReader.ConjunctsOf(join.JoinPredicate).Any(condition => ConditionReader.ReadLink(condition) is var (one, other) && (IsKey(one) || IsKey(other)));

        bool IsKey(ColumnExpression column) =>
            string.Equals(column.TableAlias, far.Alias, StringComparison.Ordinal) && string.Equals(column.Name, key.Name, StringComparison.Ordinal);
    }

    private static ValueSource? ValueOf(SqlExpression limit) => limit switch
    {
        SqlConstantExpression constant => ValueSource.OfConstant(constant.Value),
        SqlParameterExpression parameter => ValueSource.OfParameter(parameter.Name),
        _ => null,
    };
}
