using System.Linq.Expressions;
using System.Reflection;
using Microsoft.EntityFrameworkCore.Query;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>
/// Tables of a plan that are read by the keys of its rows. If the keys of all rows are met, matched or not, only the rows with one of them are of concern. The
/// joined result is no source of keys unless the join is a left one: the row that begins to match would be missing.
/// </summary>
internal sealed class FarSides(ConditionReader conditions)
{
    private static readonly MethodInfo Observe = typeof(MetValues).GetMethod(nameof(MetValues.ObserveKey))!;

    private readonly List<FarSide> _sides = [];

    /// <summary>Adds the table of a join.</summary>
    public void Add(SelectExpression select, PredicateJoinExpressionBase join, Source table, SourceScope scope)
    {
        if (join is not (LeftJoinExpression or InnerJoinExpression) || table.Table is null)
            return;
        foreach (var condition in ConditionReader.ConjunctsOf(join.JoinPredicate))
            Add(select, condition, table, scope, join is LeftJoinExpression);
    }

    /// <summary>Sets the column of each table whose keys the plan meets, and returns the plan with a shaper that notes them.</summary>
    /// <param name="shaped">Plan.</param>
    /// <param name="mayDiffer">Whether rows may be entities with other values: those that the context tracked before, or that an interceptor altered.</param>
    /// <param name="slots">Number of the keys noted.</param>
    public ShapedQueryExpression Follow(ShapedQueryExpression shaped, bool mayDiffer, out int slots)
    {
        slots = 0;
        if (_sides.Count == 0 || shaped is not { QueryExpression: SelectExpression root } || shaped.ShaperExpression is RelationalGroupByResultExpression)
            return shaped;
        var bySlot = new List<RowValue>();
        foreach (var side in _sides)
        {
            if (side.Table.Met is null && !HasValues(side) && KeyOf(side, root, shaped.ShaperExpression) is { } key && (key.Value is not null || !mayDiffer || key.Property!.IsPrimaryKey()))
                side.Table.Met = new MetColumn(side.Column, side.Form, SlotOf(key, bySlot));
        }

        slots = bySlot.Count;
        var shaper = shaped.ShaperExpression;
        for (var slot = 0; slot < slots; slot++)
            shaper = bySlot[slot].Observed(shaper, Observe, Expression.Constant(slot));
        return slots == 0 ? shaped : shaped.UpdateShaperExpression(shaper);
    }

    private void Add(SelectExpression select, SqlExpression condition, Source table, SourceScope scope, bool isLeft)
    {
        if (ConditionReader.ReadLink(condition) is not var (far, near))
            return;
        if (!IsOf(far, table, scope))
            (far, near) = (near, far);
        if (!IsOf(far, table, scope) || !scope.TryGet(near.TableAlias, out var other) || other == table || scope.Resolve(near) is not { } origin)
            return;
        var column = new TableColumn(table, far.Name, far.IsNullable);
        if (conditions.HaveOneType(origin, column, near, far) && conditions.FormOf(table, far.Name, far.TypeMapping) is { } form)
            _sides.Add(new FarSide(select, table, far.Name, near, form, isLeft));
    }

    /// <summary>Returns the key of the rows of the plan; null if they do not meet all keys.</summary>
    private static RowValue? KeyOf(FarSide side, SelectExpression root, Expression shaper)
    {
        var projection = !ReferenceEquals(side.Select, root)
            ? ParentKeyOf(side, root, shaper)
            : side is { IsLeft: true, Table.IsFilter: false } && MeetsRows(root) ? RowValue.IndexOf(side.Near, root) : null;
        return projection is { } index ? RowValue.Find(shaper, root, index) : null;
    }

    /// <summary>Returns the projection of the parent's key that the rows of a split query share with their parent.</summary>
    private static int? ParentKeyOf(FarSide side, SelectExpression root, Expression shaper)
    {
        if (side.Select.Limit is not null || !MeetsRows(side.Select) || RowValue.IndexOf(side.Near, side.Select) is not { } key || SplitFinder.Find(shaper, side.Select) is not { } split)
            return null;
        if (split is not { ChildIdentifier: NewArrayExpression children, ParentIdentifier: NewArrayExpression parents })
            return null;
        for (var i = 0; i < Math.Min(children.Expressions.Count, parents.Expressions.Count); i++)
        {
            if (KeyFinder.ProjectionOf(children.Expressions[i], side.Select) == key)
                return KeyFinder.ProjectionOf(parents.Expressions[i], root);
        }

        return null;
    }

    private static int SlotOf(RowValue key, List<RowValue> bySlot)
    {
        var slot = bySlot.FindIndex(known => known.Projection == key.Projection);
        if (slot >= 0)
            return slot;
        bySlot.Add(key);
        return bySlot.Count - 1;
    }

    private static bool IsOf(ColumnExpression column, Source table, SourceScope scope) => scope.TryGet(column.TableAlias, out var source) && source == table;

    /// <summary>
    /// Returns whether a select returns the rows that its condition allows, from the first one on. Behind a limit, more or fewer matches of a row that was not
    /// returned move no row before it.
    /// </summary>
    private static bool MeetsRows(SelectExpression select) => select.Offset is null && select.ReturnsEachRow();

    private static bool HasValues(FarSide side) =>
        side.Table.Terms.Exists(term => term.Kind is TermKind.Values && string.Equals(term.Column, side.Column, StringComparison.Ordinal));

    /// <summary>Finds the collection that a shaper fills by a select of its own, for the rows of the plan alone.</summary>
    private sealed class SplitFinder(SelectExpression select) : ExpressionVisitor
    {
        private RelationalSplitCollectionShaperExpression? _found;

        public static RelationalSplitCollectionShaperExpression? Find(Expression shaper, SelectExpression select)
        {
            var finder = new SplitFinder(select);
            finder.Visit(shaper);
            return finder._found;
        }

        public override Expression? Visit(Expression? node)
        {
            if (node is RelationalSplitCollectionShaperExpression split)
            {
                _found = ReferenceEquals(split.SelectExpression, select) ? split : _found;
                return node; // collections inside belong to the rows of this one
            }

            return node is RelationalCollectionShaperExpression or SelectExpression ? node : base.Visit(node);
        }
    }
}
