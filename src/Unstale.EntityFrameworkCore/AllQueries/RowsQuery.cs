using Microsoft.EntityFrameworkCore.Query;

namespace Unstale.EntityFrameworkCore.AllQueries;

/// <summary>Execution of a query whose rows may come from the cache. Its commands find it in the flow of their execution.</summary>
/// <param name="context">Context and parameters of the execution.</param>
/// <param name="plan">Plan of the query.</param>
internal sealed class RowsQuery(QueryContext context, RowsPlan plan)
{
    private static readonly AsyncLocal<RowsQuery?> Ambient = new();

    /// <summary>Execution to which the running code belongs; null if there is none.</summary>
    public static RowsQuery? Current => Ambient.Value;

    public QueryContext Context => context;

    public RowsPlan Plan => plan;

    /// <summary>Runs a step of the execution: all code that it starts belongs to the execution.</summary>
    public TResult Run<TState, TResult>(Func<TState, TResult> step, TState state)
    {
        var outer = Ambient.Value;
        Ambient.Value = this;
        try
        {
            return step(state);
        }
        finally
        {
            Ambient.Value = outer;
        }
    }
}
