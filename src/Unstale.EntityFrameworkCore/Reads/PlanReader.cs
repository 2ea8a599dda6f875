using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Query;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;
using Unstale.EntityFrameworkCore.Forms;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>
/// Reads the finished SQL tree of a plan. A conjunct that filters the rows of one table becomes a term of this table; each other column met is affecting;
/// a table or function that is not known makes the plan read every table.
/// </summary>
internal sealed class PlanReader : ExpressionVisitor
{
    private readonly List<Source> _tables = [];
    private readonly SortedSet<string> _declared = new(StringComparer.Ordinal);
    private readonly ConditionReader _conditions;
    private readonly ColumnLinks _links;
    private readonly FarSides _farSides;
    private SourceScope? _scope;
    private SourceScope? _root;
    private StatementPlan? _statement;
    private string? _volatile;
    private bool _isUnknown;
    private bool _hasEntities;
    private bool _isFilter;

    private PlanReader(ConditionReader conditions)
    {
        _conditions = conditions;
        _links = new ColumnLinks(conditions);
        _farSides = new FarSides(conditions);
    }

    /// <summary>Reads a plan.</summary>
    /// <param name="finished">Tree after the postprocessor of the provider.</param>
    /// <param name="context">Compilation of the plan.</param>
    /// <param name="provider">Name of the database provider.</param>
    /// <param name="design">Model at design time.</param>
    /// <param name="followed">The tree, with a shaper that notes values of its rows.</param>
    public static QueryPlan Read(Expression finished, QueryCompilationContext context, string? provider, IDesignTimeModel design, out Expression followed)
    {
        var options = context.ContextOptions.Extensions.OfType<RelationalOptionsExtension>().FirstOrDefault();
        var reader = new PlanReader(new ConditionReader(provider, design, options?.UseRelationalNulls ?? false));
        reader.Visit(finished);
        reader._links.Carry();
        var slots = 0;
        var isTracking = context.QueryTrackingBehavior is QueryTrackingBehavior.TrackAll;
        followed = finished;
        if (finished is ShapedQueryExpression shaped && !reader._isUnknown)
        {
            var mayDiffer = isTracking || (context.ContextOptions.FindExtension<CoreOptionsExtension>()?.Interceptors?.Any(static one => one is IMaterializationInterceptor) ?? false);
            var noted = reader._farSides.Follow(shaped, mayDiffer, out slots);
            followed = reader._root is null ? noted : LimitFinder.Follow(shaped, noted, reader._root, reader._conditions, mayDiffer);
        }

        return new QueryPlan
        {
            Tables = reader._isUnknown ? null : [.. reader._tables.Select(TemplateOf), .. reader._declared.Select(static table => new TableTemplate(table))],
            IsTracking = isTracking && reader._hasEntities,
            Slots = slots,
            IsMet = followed != finished,
            Volatile = reader._volatile,
            Statement = reader._statement,
        };
    }

    public override Expression? Visit(Expression? node)
    {
        switch (node)
        {
            case ShapedQueryExpression { QueryExpression: SelectExpression root } shaped when _root is null:
                _root = ReadSelect(root);
                Visit(shaped.ShaperExpression);
                return node;
            case ShapedQueryExpression shaped:
                Visit(shaped.QueryExpression);
                Visit(shaped.ShaperExpression);
                return node;
            case RelationalSplitCollectionShaperExpression split:
                Visit(split.SelectExpression);
                Visit(split.InnerShaper);
                return node;
            case SelectExpression select:
                ReadSelect(select);
                return node;
            case UpdateExpression update:
                ReadUpdate(update);
                return node;
            case DeleteExpression delete:
                _statement = new StatementPlan(delete.Table, ReadSelect(delete.SelectExpression), setters: null, _conditions);
                return node;
            case StructuralTypeShaperExpression { StructuralType: IEntityType entity }:
                _hasEntities |= entity.FindPrimaryKey() is not null;
                break;
            case ColumnExpression column:
                AddAffecting(column);
                return node;
        }

        Judge(node);
        return base.Visit(node);
    }

    /// <summary>Notes an expression that reads more than the columns below it.</summary>
    private void Judge(Expression? node)
    {
        switch (node)
        {
            case TableExpressionBase table:
                _isUnknown |= table is not (SetOperationBase or ValuesExpression or TableValuedFunctionExpression { IsBuiltIn: true }) && DeclaredTables.Of(table) is null;
                break;
            case SqlFunctionExpression function:
                _isUnknown |= !function.IsBuiltIn;
                if (VolatileFunctions.Contains(function))
                    _volatile ??= function.Name;
                break;
            case SqlFragmentExpression fragment when VolatileFunctions.MayBeIn(fragment):
                _isUnknown = true;
                _volatile ??= fragment.Sql;
                break;
        }
    }

    private SourceScope ReadSelect(SelectExpression select)
    {
        var outer = _scope;
        var scope = _scope = new SourceScope(outer);
        foreach (var table in select.Tables)
            Declare(table, scope);
        foreach (var table in select.Tables)
            ReadSource(table, select, scope);
        var isFilter = _isFilter;
        _isFilter = true;
        if (select.Predicate is not null)
            ReadConditions(select.Predicate, scope, far: null, isWhere: true);
        _isFilter = isFilter;
        foreach (var projection in select.Projection)
            Visit(projection.Expression);
        _isFilter |= select.Limit is not null; // the order decides which rows the limit returns
        foreach (var ordering in select.Orderings)
            Visit(ordering.Expression);
        _isFilter = isFilter;
        foreach (var key in select.GroupBy)
            Visit(key);
        Visit(select.Having);
        Visit(select.Limit);
        Visit(select.Offset);
        _scope = outer;
        return scope;
    }

    private void Declare(TableExpressionBase table, SourceScope scope)
    {
        var isNullable = table is LeftJoinExpression or OuterApplyExpression;
        if (table is JoinExpressionBase join)
        {
            _isUnknown |= table is not (LeftJoinExpression or OuterApplyExpression or InnerJoinExpression or RightJoinExpression or CrossJoinExpression or CrossApplyExpression);
            if (table is RightJoinExpression)
            {
                foreach (var before in scope.Sources)
                    before.IsNullable = true;
            }

            table = join.Table;
        }

        // Annotations are those of temporal queries, which read rows of the past.
        var stored = table is TableExpression { Table: ITable known } && !table.GetAnnotations().Any() ? known : null;
        var source = new Source { Table = stored, Select = table as SelectExpression, IsNullable = isNullable };
        if (table.Alias is null)
            _isUnknown = true;
        else
            scope.Add(table.Alias, source);
        if (stored is not null)
            _tables.Add(source);
        else if (DeclaredTables.Of(table) is { } declared)
            _declared.UnionWith(declared);
        else if (table is TableExpression)
            _isUnknown = true;
    }

    private void ReadSource(TableExpressionBase table, SelectExpression select, SourceScope scope)
    {
        var isFilter = _isFilter;
        _isFilter |= table is JoinExpressionBase and not (LeftJoinExpression or OuterApplyExpression);
        var inner = (table as JoinExpressionBase)?.Table ?? table;
        scope.TryGet(inner.Alias ?? "", out var source);
        if (inner is SelectExpression derived)
            source?.Inner = ReadSelect(derived);
        else if (inner is not TableExpression)
            Visit(inner);
        if (table is PredicateJoinExpressionBase join)
        {
            ReadConditions(join.JoinPredicate, scope, table is LeftJoinExpression ? source : null, isRight: table is RightJoinExpression);
            if (source is not null)
                _farSides.Add(select, join, source, scope);
        }

        _isFilter = isFilter;
    }

    /// <summary>Reads the conjuncts of a condition.</summary>
    /// <param name="condition">Condition of a select or join.</param>
    /// <param name="scope">Sources of the select.</param>
    /// <param name="far">Nullable side of a left join: the only table that its condition filters.</param>
    /// <param name="isRight">Whether the condition is that of a right join, and filters nothing that is known here.</param>
    /// <param name="isWhere">Whether the condition is that of a select. The equality of a join never matches nulls, whereas the tree of a select has the nulls of C#.</param>
    private void ReadConditions(SqlExpression condition, SourceScope scope, Source? far, bool isRight = false, bool isWhere = false)
    {
        foreach (var conjunct in ConditionReader.ConjunctsOf(condition))
            ReadCondition(conjunct, scope, far, isRight, isWhere);
    }

    private void ReadCondition(SqlExpression condition, SourceScope scope, Source? far, bool isRight, bool isWhere)
    {
        if (!isRight && _conditions.Read(condition, scope, out var source) is { } term && (far is null || far == source))
        {
            // The exact condition beside its term decides at a bound, so that the column is not affecting.
            source.IsFilter |= _isFilter;
            var bound = isWhere && term is { IsExact: false, Kind: not TermKind.Values } ? ResidualReader.Read(_conditions, condition, scope, out _) : null;
            if (bound is not null)
                source.Residuals.Add(bound);
            source.Terms.Add(term with { RejectsNull = term.RejectsNull || (far is null && source.IsNullable), IsExact = term.IsExact || bound is not null });
            return;
        }

        if (isWhere && ResidualReader.Read(_conditions, condition, scope, out var filtered) is { } residual)
        {
            filtered.IsFilter = true;
            filtered.Residuals.Add(residual);
            return;
        }

        if (!isRight && ConditionReader.ReadLink(condition) is var (one, other))
            _links.Add(one, other, scope, far);
        Visit(condition);
    }

    private void ReadUpdate(UpdateExpression update)
    {
        var scope = ReadSelect(update.SelectExpression);
        _statement = new StatementPlan(update.Table, scope, update.ColumnValueSetters, _conditions);
        _scope = scope;
        foreach (var setter in update.ColumnValueSetters)
            Visit(setter.Value);
        _scope = null;
    }

    private void AddAffecting(ColumnExpression column)
    {
        if (_scope?.Find(column.TableAlias) is not { } source)
        {
            _isUnknown = true;
            return;
        }

        source.Affecting.Add(column.Name);
        source.IsFilter |= _isFilter;
    }

    private static TableTemplate TemplateOf(Source source) => StatementPlan.TemplateOf(source);
}
