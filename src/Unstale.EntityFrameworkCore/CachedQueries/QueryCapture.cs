using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query;
using Unstale.EntityFrameworkCore.Reads;

namespace Unstale.EntityFrameworkCore.CachedQueries;

/// <summary>Context, plan and parameters of a query, captured without executing the query.</summary>
internal sealed class QueryCapture
{
    [ThreadStatic]
    private static QueryCapture? _current;

    private DbContext? _context;
    private QueryPlan? _plan;
    private IReadOnlyDictionary<string, object?>? _parameters;

    /// <summary>Capture of this thread; null if queries are executed.</summary>
    public static QueryCapture? Current => _current;

    public DbContext Context => _context!;

    public QueryPlan Plan => _plan!;

    public IReadOnlyDictionary<string, object?> Parameters => _parameters!;

    /// <summary>Captures a query.</summary>
    /// <exception cref="InvalidOperationException">The query is not one of a context with UseUnstale.</exception>
    public static QueryCapture Of<T>(IQueryable<T> query)
    {
        if (query.Provider is not IAsyncQueryProvider provider)
            throw Errors.NoQueryOfContext();
        var outer = _current;
        var capture = _current = new QueryCapture();
        try
        {
            provider.ExecuteAsync<IAsyncEnumerable<T>>(query.Expression); // the command is sent by the enumerator, which is never created
        }
        finally
        {
            _current = outer;
        }

        return capture._context is null ? throw Errors.NoQueryOfContext() : capture;
    }

    /// <summary>Runs the plan of the captured query as far as its parameters are known.</summary>
    public TResult Run<TResult>(Func<QueryContext, TResult> run, QueryContext context, QueryPlan plan)
    {
        var result = run(context);
        _context = context.Context;
        _plan = plan;
        _parameters = context.Parameters;
        return result;
    }
}
