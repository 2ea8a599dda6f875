using Microsoft.Extensions.Logging;
using Unstale.Boundary;

namespace Unstale.Telemetry;

internal static partial class LogMessages
{
    [LoggerMessage(EventIds.QueryHit, LogLevel.Debug, "Cache {Cache}: query {Query} was served from the cache ({Outcome}).")]
    public static partial void QueryHit(this GuardedLogger logger, string cache, string query, CacheOutcome outcome);

    [LoggerMessage(EventIds.QueryMiss, LogLevel.Debug, "Cache {Cache}: query {Query} was executed ({Outcome}).")]
    public static partial void QueryMiss(this GuardedLogger logger, string cache, string query, CacheOutcome outcome);

    [LoggerMessage(EventIds.RuleFailed, LogLevel.Error, "Cache {Cache}: a rule of the {Kind} {Type} threw. The names of this rule are unknown, so all cached queries are invalidated.")]
    public static partial void RuleFailed(this GuardedLogger logger, Exception exception, string cache, string kind, string type);

    [LoggerMessage(EventIds.RaiseFailed, LogLevel.Error, "Cache {Cache}: an invalidation of the {Kind} {Type} was refused: {Why} All cached queries are invalidated instead.")]
    public static partial void RaiseFailed(this GuardedLogger logger, string cache, string kind, string type, string why);

    [LoggerMessage(EventIds.NothingRaised, LogLevel.Error, "Cache {Cache}: no invalidation of the {Kind} {Type} could be raised. Outdated values may be served until they expire.")]
    public static partial void NothingRaised(this GuardedLogger logger, Exception exception, string cache, string kind, string type);

    [LoggerMessage(EventIds.HandlerFailed, LogLevel.Error, "Cache {Cache}: a handler of the published event {Type} threw. The other handlers ran.")]
    public static partial void HandlerFailed(this GuardedLogger logger, Exception exception, string cache, string type);

    [LoggerMessage(EventIds.EventsLost, LogLevel.Error, "Cache {Cache}: {Lost} published events were not handled, because {Limit}. Subscribers to all events are notified; cached queries are invalidated.")]
    public static partial void EventsLost(this GuardedLogger logger, string cache, long lost, string limit);
}
