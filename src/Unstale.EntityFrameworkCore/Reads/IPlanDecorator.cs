using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore.Query;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Wraps the delegates of compiled plans.</summary>
internal interface IPlanDecorator
{
    /// <summary>Returns the delegate that executes a plan.</summary>
    /// <param name="run">Delegate of the provider.</param>
    /// <param name="plan">Tables and conditions of the plan.</param>
    /// <param name="finished">Finished tree of the plan; null if it is not known.</param>
    Func<QueryContext, TResult> Decorate<TResult>(Func<QueryContext, TResult> run, QueryPlan plan, Expression? finished);
}
