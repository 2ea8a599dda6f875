using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Unstale.Loading;

namespace Unstale.EntityFrameworkCore.Telemetry;

/// <summary>Reports reads whose values are not stored or not followed, each once for a cache and a type of context.</summary>
internal static class ReadLog
{
    private static readonly ConditionalWeakTable<StoreContext, ConcurrentDictionary<(int Line, Type Context), bool>> Reported = [];

    public static void UsedContext(Load load, DbContext context)
    {
        if (IsFirst(load, EventIds.UsedContext, context))
            load.Loader.Context.Logger.UsedContext(load.Loader.Context.Name, context.GetType().Name);
    }

    public static void OpenTransaction(Load load, DbContext context)
    {
        if (IsFirst(load, EventIds.OpenTransaction, context))
            load.Loader.Context.Logger.OpenTransaction(load.Loader.Context.Name, context.GetType().Name);
    }

    public static void Volatile(Load load, DbContext context, string function)
    {
        if (IsFirst(load, EventIds.VolatileQuery, context))
            load.Loader.Context.Logger.VolatileQuery(load.Loader.Context.Name, context.GetType().Name, function);
    }

    public static void OtherLog(Load load, DbContext context, string log)
    {
        if (IsFirst(load, EventIds.QueryOfOtherLog, context))
            load.Loader.Context.Logger.QueryOfOtherLog(load.Loader.Context.Name, context.GetType().Name, log);
    }

    private static bool IsFirst(Load load, int line, DbContext context) =>
        Reported.GetValue(load.Loader.Context, static _ => []).TryAdd((line, context.GetType()), value: true);
}
