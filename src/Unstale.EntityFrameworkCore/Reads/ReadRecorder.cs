using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query;
using Unstale.EntityFrameworkCore.Telemetry;
using Unstale.Loading;
using Unstale.Predicates;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Records the rows that executed plans can return in the running load.</summary>
internal static class ReadRecorder
{
    /// <summary>Returns the nearest load of the log to which the cache of a context belongs; null if there is none. Other loads do not follow its changes.</summary>
    public static Load? Find(Load? load, DbContext context)
    {
        var log = ContextCache.Of(context).LogName;
        for (; load is not null; load = load.Parent)
        {
            if (string.Equals(load.Loader.Context.LogName, log, StringComparison.Ordinal))
                return load;
            ReadLog.OtherLog(load, context, log);
        }

        return null;
    }

    /// <summary>Prevents the storage of a value that a query makes from older or uncommitted rows.</summary>
    public static void Begin(Load load, QueryContext query, QueryPlan plan)
    {
        var context = query.Context;
        if (plan.IsTracking && !TrackedContexts.IsOfLoad(context, load))
        {
            AmbientLoad.Taint(load);
            ReadLog.UsedContext(load, context);
        }

        if (query is RelationalQueryContext { Connection.CurrentTransaction: not null })
        {
            AmbientLoad.Taint(load);
            ReadLog.OpenTransaction(load, context);
        }

        if (plan.Volatile is { } function)
        {
            AmbientLoad.Taint(load);
            ReadLog.Volatile(load, context, function);
        }
    }

    /// <param name="load">Load to record in.</param>
    /// <param name="query">Execution.</param>
    /// <param name="plan">Plan of the query.</param>
    /// <param name="met">Values that the rows of the execution contain; null if the plan needs none.</param>
    public static void Record(Load load, QueryContext query, QueryPlan plan, MetValues? met)
    {
        var hash = load.Loader.Context.ColumnHash;
        if (met is not null && plan.Tables is not null)
        {
            Record(load, plan.Tables, query.Parameters, hash, met);
            return;
        }

        foreach (var predicate in plan.Bind(query.Parameters, hash, query.Context.Model))
            load.DependOn(predicate);
    }

    /// <summary>Records tables, some of them by values that are known once the rows were read.</summary>
    private static void Record(Load load, IReadOnlyList<TableTemplate> tables, IReadOnlyDictionary<string, object?> parameters, ColumnHash hash, MetValues met)
    {
        foreach (var table in tables)
        {
            if (!table.IsMet)
                load.DependOn(table.Bind(parameters, hash));
            else
                load.DependOn(() => table.Bind(parameters, hash, met));
        }
    }
}
