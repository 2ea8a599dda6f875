using Microsoft.Extensions.Logging;
using Unstale.Boundary;

namespace Unstale.EntityFrameworkCore.Telemetry;

/// <summary>Log messages of reads. Values of parameters are not logged.</summary>
internal static partial class ReadLogMessages
{
    [LoggerMessage(EventIds.UsedContext, LogLevel.Warning,
        "Cache {Cache}: a factory ran a tracking query on a {Context} that tracked entities before the load, and such a context returns older entities in place of the rows read. The value is returned and not stored. Create the context inside the factory (IDbContextFactory), or add AsNoTracking() to the query. Logged once.")]
    public static partial void UsedContext(this GuardedLogger logger, string cache, string context);

    [LoggerMessage(EventIds.OpenTransaction, LogLevel.Warning,
        "Cache {Cache}: a factory ran a query on a {Context} with an open transaction, in which uncommitted or outdated rows are visible. The value is returned and not stored. Load the value with another context, or after the commit. Logged once.")]
    public static partial void OpenTransaction(this GuardedLogger logger, string cache, string context);

    [LoggerMessage(EventIds.VolatileQuery, LogLevel.Warning,
        "Cache {Cache}: a query on a {Context} contains {Function}, whose result changes without a write. The value is returned and not stored. Compute the value in the factory and pass it as a parameter. Logged once.")]
    public static partial void VolatileQuery(this GuardedLogger logger, string cache, string context, string function);

    [LoggerMessage(EventIds.QueryOfOtherLog, LogLevel.Warning,
        "Cache {Cache}: a factory ran a query on a {Context}, whose changes are raised in another log ({ContextLog}). Changes of the rows do not invalidate the value. Pass the cache to UseUnstale, or let both use one log. Logged once.")]
    public static partial void QueryOfOtherLog(this GuardedLogger logger, string cache, string context, string contextLog);
}
