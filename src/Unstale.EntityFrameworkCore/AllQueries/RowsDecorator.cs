using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore.Query;
using Unstale.EntityFrameworkCore.Reads;

namespace Unstale.EntityFrameworkCore.AllQueries;

/// <summary>Wraps plans whose rows may be cached, so that the commands of each execution find their query.</summary>
internal sealed class RowsDecorator : IPlanDecorator
{
    public Func<QueryContext, TResult> Decorate<TResult>(Func<QueryContext, TResult> run, QueryPlan plan, Expression? finished)
    {
        if (RowsPlan.Of(plan, finished) is not { } rows)
            return run;
        var enumerable = EnumerableOf<TResult>();
        return context =>
        {
            var query = new RowsQuery(context, rows);
            var result = query.Run(run, context);
            return enumerable is null ? result : (TResult)Activator.CreateInstance(enumerable, result, query)!;
        };
    }

    /// <summary>Returns the type around a result that sends its commands later, when it is enumerated; null for another result.</summary>
    private static Type? EnumerableOf<TResult>()
    {
        if (!typeof(TResult).IsGenericType)
            return null;
        var definition = typeof(TResult).GetGenericTypeDefinition();
        return definition == typeof(IEnumerable<>) ? typeof(RowsEnumerable<>).MakeGenericType(typeof(TResult).GenericTypeArguments)
            : definition == typeof(IAsyncEnumerable<>) ? typeof(RowsAsyncEnumerable<>).MakeGenericType(typeof(TResult).GenericTypeArguments)
            : null;
    }
}
