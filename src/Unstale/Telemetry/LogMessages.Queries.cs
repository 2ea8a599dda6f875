using Microsoft.Extensions.Logging;
using Unstale.Boundary;

namespace Unstale.Telemetry;

internal static partial class LogMessages
{
    [LoggerMessage(EventIds.QueryHit, LogLevel.Debug, "Cache {Cache}: query {Query} was answered from the cache ({Outcome}).")]
    public static partial void QueryHit(this GuardedLogger logger, string cache, string query, CacheOutcome outcome);

    [LoggerMessage(EventIds.QueryMiss, LogLevel.Debug, "Cache {Cache}: query {Query} was executed ({Outcome}).")]
    public static partial void QueryMiss(this GuardedLogger logger, string cache, string query, CacheOutcome outcome);

    [LoggerMessage(EventIds.RuleFailed, LogLevel.Error, "Cache {Cache}: a rule of the {Kind} {Type} threw. What it would have named is not known: all cached queries are invalidated.")]
    public static partial void RuleFailed(this GuardedLogger logger, Exception exception, string cache, string kind, string type);

    [LoggerMessage(EventIds.RaiseFailed, LogLevel.Error, "Cache {Cache}: what the {Kind} {Type} makes untrue was refused: {Why} All cached queries are invalidated instead.")]
    public static partial void RaiseFailed(this GuardedLogger logger, string cache, string kind, string type, string why);

    [LoggerMessage(EventIds.NothingRaised, LogLevel.Error, "Cache {Cache}: what the {Kind} {Type} makes untrue could not be raised at all. It may be served until it expires.")]
    public static partial void NothingRaised(this GuardedLogger logger, Exception exception, string cache, string kind, string type);

    [LoggerMessage(EventIds.HandlerFailed, LogLevel.Error, "Cache {Cache}: a handler of the published event {Type} threw. The others ran.")]
    public static partial void HandlerFailed(this GuardedLogger logger, Exception exception, string cache, string type);

    [LoggerMessage(EventIds.EventsLost, LogLevel.Error, "Cache {Cache}: {Lost} published events were not handled, because {Limit}. Who follows all of them is told; cached queries are invalidated.")]
    public static partial void EventsLost(this GuardedLogger logger, string cache, long lost, string limit);
}
