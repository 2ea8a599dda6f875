using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query;
using Unstale.EntityFrameworkCore.Forms;
using Unstale.EntityFrameworkCore.Writes;
using Unstale.Loading;
using Unstale.Predicates;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Runs statements of ExecuteUpdate and ExecuteDelete, and reports their changes. A statement that fails may have been executed.</summary>
internal static class StatementRunner
{
    public static TResult Run<TResult>(Func<QueryContext, TResult> run, QueryContext context, StatementPlan statement)
    {
        AmbientLoad.Taint(AmbientLoad.Current); // the number of rows is no value to be stored
        TResult result;
        try
        {
            result = run(context);
        }
        catch
        {
            Report(context, statement);
            throw;
        }

        if (result is Task<int> running)
            return (TResult)(object)ReportAfterAsync(running, context, statement);
        Report(context, statement);
        return result;
    }

    private static async Task<int> ReportAfterAsync(Task<int> running, QueryContext context, StatementPlan statement)
    {
        try
        {
            return await running.ConfigureAwait(false);
        }
        finally
        {
            foreach (var change in ChangesOf(context, statement))
                await CommittedChanges.AddAsync(context.Context, change).ConfigureAwait(false);
        }
    }

    private static void Report(QueryContext context, StatementPlan statement)
    {
        foreach (var change in ChangesOf(context, statement))
            CommittedChanges.Add(context.Context, change);
    }

    private static IEnumerable<RowChange> ChangesOf(QueryContext query, StatementPlan statement) => statement.IsKnown
        ? [statement.Bind(query.Parameters, ContextCache.Of(query.Context).ColumnHash)]
        : query.Context.Model.GetRelationalModel().Tables.Select(static table => RowChange.OfTable(TableNames.Of(table.Schema, table.Name)));
}
