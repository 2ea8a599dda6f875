using System.Data.Common;
using System.Linq.Expressions;
using Unstale.EntityFrameworkCore.Reads;

namespace Unstale.EntityFrameworkCore.AllQueries;

/// <summary>Plan whose rows may be cached: all that it reads is known, and nothing but a write changes its result.</summary>
internal sealed class RowsPlan
{
    private readonly List<RowShape> _shapes;

    private RowsPlan(QueryPlan plan, List<RowShape> shapes)
    {
        Plan = plan;
        _shapes = shapes;
    }

    public QueryPlan Plan { get; }

    /// <summary>Returns the plan; null if its executions may differ without a write, or if a column has values that cannot be stored.</summary>
    /// <param name="plan">Tables and conditions of the query.</param>
    /// <param name="finished">Finished tree of the query.</param>
    public static RowsPlan? Of(QueryPlan plan, Expression? finished) =>
        plan is { IsTracking: false, Volatile: null, Tables: not null, Fingerprint: not null } && finished is not null && RowShapeReader.Read(finished) is { } shapes
            ? new RowsPlan(plan, shapes)
            : null;

    /// <summary>Returns whether the plan reads an excluded table.</summary>
    public bool IsExcluded(QueryCachingOptions options) => Plan.Tables!.Any(table => options.IsExcluded(table.Table));

    /// <summary>
    /// Returns the shape of the rows of a command; null if it is not known. A split query has several commands, whose columns must then tell them apart.
    /// </summary>
    public RowShape? Find(DbDataReader reader) => _shapes.FindAll(shape => shape.Fits(reader)) is [var only] ? only : null;
}
