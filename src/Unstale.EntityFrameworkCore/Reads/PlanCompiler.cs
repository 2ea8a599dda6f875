using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore.Query;
using Microsoft.EntityFrameworkCore.Storage;
using Unstale.Loading;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Compiles plans that record what they read.</summary>
internal static class PlanCompiler
{
    [ThreadStatic]
    private static Compilation? _current;

    /// <summary>Compiles a plan, and wraps it with the recorder of its dependencies.</summary>
    /// <param name="database">Database of the provider.</param>
    /// <param name="query">Query.</param>
    /// <param name="async">Whether the query is executed asynchronously.</param>
    /// <param name="decorator">Wraps the plan of a query; null for none.</param>
    public static Func<QueryContext, TResult> Compile<TResult>(IDatabase database, Expression query, bool async, IPlanDecorator? decorator)
    {
        var outer = _current;
        var compilation = _current = new Compilation();
        try
        {
            var run = database.CompileQuery<TResult>(query, async);
            var plan = compilation.Plan ?? new QueryPlan();
            plan.Fingerprint = PlanFingerprint.Of(query, compilation.Finished);
            if (plan.Statement is { } statement)
                return context => StatementRunner.Run(run, context, statement);
            var decorated = decorator?.Decorate(run, plan, compilation.Finished) ?? run;
            return context => Run(decorated, context, plan);
        }
        finally
        {
            _current = outer;
        }
    }

    /// <summary>Whether this thread compiles a plan that records. A plan that is compiled at build time does not.</summary>
    public static bool IsRunning => _current is not null;

    /// <summary>Receives the plan that this thread compiles. A second one is a plan of which not all is known.</summary>
    public static void Finish(QueryPlan plan, Expression finished)
    {
        if (_current is not { } compilation)
            return;
        compilation.Plan = compilation.Plan is null ? plan : new QueryPlan();
        compilation.Finished = finished;
    }

    private static TResult Run<TResult>(Func<QueryContext, TResult> run, QueryContext context, QueryPlan plan)
    {
        if (QueryCapture.Current is { } capture)
            return capture.Run(run, context, plan);
        if (AmbientLoad.Current is not { } current || ReadRecorder.Find(current, context.Context) is not { } load)
            return run(context);
        ReadRecorder.Begin(load, context, plan);
        var met = !plan.IsMet ? null : MetValues.Begin(context, plan.Slots);
        try
        {
            var result = run(context);
            return met is null ? result : MetResult<TResult>.Follow(result, met);
        }
        finally
        {
            // Afterwards, because the plan adds the parameters of query filters. A query that throws can have read rows, too.
            ReadRecorder.Record(load, context, plan, met);
        }
    }

    private sealed class Compilation
    {
        public QueryPlan? Plan { get; set; }

        public Expression? Finished { get; set; }
    }
}
