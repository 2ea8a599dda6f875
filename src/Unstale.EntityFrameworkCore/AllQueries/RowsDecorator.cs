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
        var wrap = RowsResult.Wrapper<TResult, RowsQuery>(typeof(RowsDecorator), nameof(Rows), nameof(AsyncRows));
        return context =>
        {
            var query = new RowsQuery(context, rows);
            var result = query.Run(run, context);
            return wrap is null ? result : wrap(result, query); // the commands of rows are sent later, when they are enumerated
        };
    }

    private static RowsEnumerable<T> Rows<T>(IEnumerable<T> rows, RowsQuery query) => new RowsEnumerable<T>(rows, query);

    private static RowsAsyncEnumerable<T> AsyncRows<T>(IAsyncEnumerable<T> rows, RowsQuery query) => new RowsAsyncEnumerable<T>(rows, query);
}
