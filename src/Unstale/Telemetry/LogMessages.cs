using Microsoft.Extensions.Logging;
using Unstale.Boundary;

namespace Unstale.Telemetry;

/// <summary>All log messages of this assembly. Keys, tags and values are not logged, except in the line that the application requests for a key.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(EventIds.LoadRefused, LogLevel.Debug, "Cache {Cache}: a loaded value was not stored, because it was invalidated during the load.")]
    public static partial void LoadRefused(this GuardedLogger logger, string cache);

    [LoggerMessage(EventIds.LoadFailed, LogLevel.Debug, "Cache {Cache}: a factory failed. Its callers get the exception.")]
    public static partial void LoadFailed(this GuardedLogger logger, Exception exception, string cache);

    [LoggerMessage(EventIds.RefreshFailed, LogLevel.Warning, "Cache {Cache}: a background refresh failed. The old value is served until it expires.")]
    public static partial void RefreshFailed(this GuardedLogger logger, Exception exception, string cache);

    [LoggerMessage(EventIds.LoadAbandoned, LogLevel.Warning, "Cache {Cache}: a load took longer than LoadTimeout ({Limit}) and was abandoned. The next caller starts a new load.")]
    public static partial void LoadAbandoned(this GuardedLogger logger, string cache, TimeSpan limit);

    [LoggerMessage(EventIds.ValueTooLarge, LogLevel.Warning, "Cache {Cache}: a value of {Bytes} bytes was not stored: MaximumPayloadBytes is {Limit}.")]
    public static partial void ValueTooLarge(this GuardedLogger logger, string cache, long bytes, int limit);

    [LoggerMessage(EventIds.ValueNotReadBack, LogLevel.Warning, "Cache {Cache}: a value of type {Type} was returned to its caller but not stored, because the value changed when it was serialized and deserialized: {Reason} Logged once per type.")]
    public static partial void ValueNotReadBack(this GuardedLogger logger, Exception exception, string cache, Type type, string reason);

    [LoggerMessage(EventIds.EntryUnreadable, LogLevel.Warning, "Cache {Cache}: a value of type {Type} in memory can no longer be deserialized and is loaded again: {Reason} Logged once per type.")]
    public static partial void EntryUnreadable(this GuardedLogger logger, Exception exception, string cache, Type type, string reason);

    [LoggerMessage(EventIds.ValueNotStored, LogLevel.Warning, "Cache {Cache}: a value of type {Type} stays in memory but is not stored in the second level, because the value changed when it was serialized and deserialized: {Reason} Logged once per type.")]
    public static partial void ValueNotStored(this GuardedLogger logger, Exception exception, string cache, Type type, string reason);

    [LoggerMessage(EventIds.TooManyDependencies, LogLevel.Warning, "Cache {Cache}: a factory read more keys and tags than are recorded with a value (MaximumDependencies is {Limit}), so any later record of the log makes its value stale. Read less in one factory, or raise the option. Logged once.")]
    public static partial void TooManyDependencies(this GuardedLogger logger, string cache, int limit);

    [LoggerMessage(EventIds.StaleReported, LogLevel.Warning, "Cache {Cache}: the application reported a stale value. {Explanation} Logged at most once a minute; unstale.stale.reported counts all reports.")]
    public static partial void StaleReported(this GuardedLogger logger, string cache, string explanation);

    [LoggerMessage(EventIds.CacheEventHandlerFailed, LogLevel.Warning, "Cache {Cache}: a handler of the event {Event} threw. The other handlers of the event are called.")]
    public static partial void CacheEventHandlerFailed(this GuardedLogger logger, Exception exception, string cache, CacheEventKind @event);

    [LoggerMessage(EventIds.ReadAcrossLogs, LogLevel.Warning, "Cache {Cache}: a factory of cache {Reader}, which uses another log, read this cache. The read is not recorded as a dependency of the loaded value. Logged once.")]
    public static partial void ReadAcrossLogs(this GuardedLogger logger, string cache, string reader);

    [LoggerMessage(EventIds.ReadAcrossPartitions, LogLevel.Warning, "Cache {Cache}: a load read a key of another partition of the log {Log} from the source, because positions of two partitions have no order. Read both keys outside of loads, or use one partition. Logged once.")]
    public static partial void ReadAcrossPartitions(this GuardedLogger logger, string cache, string log);

    [LoggerMessage(EventId = EventIds.RemoteStoreFailed, Message = "Cache {Cache}: the second level failed. This counts as a miss.")]
    public static partial void RemoteStoreFailed(this GuardedLogger logger, LogLevel level, Exception exception, string cache);

    [LoggerMessage(EventIds.AppendQueued, LogLevel.Warning, "Log {Log}: invalidations could not be appended and are queued, {Queued} so far. Queued invalidations are in force on this node.")]
    public static partial void AppendQueued(this GuardedLogger logger, Exception exception, string log, long queued);

    [LoggerMessage(EventIds.LogReachable, LogLevel.Information, "Log {Log}: reachable again.")]
    public static partial void LogReachable(this GuardedLogger logger, string log);

    [LoggerMessage(EventIds.GenerationChanged, LogLevel.Warning, "Log {Log}, partition {Partition}: the history was broken. The partition was reset: all its cached values were removed.")]
    public static partial void GenerationChanged(this GuardedLogger logger, string log, int partition);

    [LoggerMessage(EventIds.FellBehind, LogLevel.Warning, "Log {Log}, partition {Partition}: this node missed more records than the log retains. The partition was reset: all its cached values were removed.")]
    public static partial void FellBehind(this GuardedLogger logger, string log, int partition);

    [LoggerMessage(EventIds.NotTrusted, LogLevel.Warning, "Log {Log}: this node has not been confirmed for {Seconds:0.0} s; StalenessBound is {Bound}. Cached values are not trusted until the log confirms this node.")]
    public static partial void NotTrusted(this GuardedLogger logger, string log, double seconds, TimeSpan bound);

    [LoggerMessage(EventIds.TrustedAgain, LogLevel.Information, "Log {Log}: this node is confirmed and trusted again.")]
    public static partial void TrustedAgain(this GuardedLogger logger, string log);

    [LoggerMessage(EventIds.InvalidationsLost, LogLevel.Warning, "Log {Log}: {Lost} invalidations could not be appended before the process ended and are lost; ShutdownTimeout is {Limit}. Other nodes may serve the affected values until they expire.")]
    public static partial void InvalidationsLost(this GuardedLogger logger, string log, long lost, TimeSpan limit);

    [LoggerMessage(EventIds.SinkFailed, LogLevel.Warning, "Log {Log}, sink {Sink}: an update failed and is tried again. Until an update succeeds, the sink holds invalidated content.")]
    public static partial void SinkFailed(this GuardedLogger logger, Exception exception, string log, string sink);

    [LoggerMessage(EventIds.SinkRecovered, LogLevel.Information, "Log {Log}, sink {Sink}: updates succeed again.")]
    public static partial void SinkRecovered(this GuardedLogger logger, string log, string sink);

    [LoggerMessage(EventIds.SinkMissed, LogLevel.Warning, "Log {Log}, sink {Sink}: an invalidation exceeds the capabilities of the sink, which are {Capabilities}. AcceptsPartial is set, so the affected content stays in the sink until it expires.")]
    public static partial void SinkMissed(this GuardedLogger logger, string log, string sink, Enum capabilities);

    [LoggerMessage(EventIds.SinkLost, LogLevel.Warning, "Log {Log}, sink {Sink}: the process ended before the sink received {Lost} records; ShutdownTimeout is {Limit}. The sink may hold the affected content until it expires.")]
    public static partial void SinkLost(this GuardedLogger logger, string log, string sink, int lost, TimeSpan limit);

    [LoggerMessage(EventIds.TailFailed, LogLevel.Warning, "Log {Log}: following the log failed and is tried again.")]
    public static partial void TailFailed(this GuardedLogger logger, Exception exception, string log);

    [LoggerMessage(EventId = EventIds.RuleConditionFailed, Message = "Cache {Cache}: the condition of the rule {Rule} threw. This counts as true.")]
    public static partial void RuleConditionFailed(this GuardedLogger logger, LogLevel level, Exception exception, string cache, string rule);

    [LoggerMessage(EventIds.RuleValueMissing, LogLevel.Warning, "Cache {Cache}: a placeholder of the rule {Rule} found no value, so the rule invalidates all names that may be meant. Logged once per rule.")]
    public static partial void RuleValueMissing(this GuardedLogger logger, string cache, string rule);

    [LoggerMessage(EventIds.RulesRefused, LogLevel.Error, "Cache {Cache}: the changed configuration of rules is invalid, and the previous rules stay in force. {Problem}")]
    public static partial void RulesRefused(this GuardedLogger logger, string cache, string problem);

    [LoggerMessage(EventIds.RulesReplaced, LogLevel.Information, "Cache {Cache}: the configuration of rules has changed and is in force, with {Rules} rules.")]
    public static partial void RulesReplaced(this GuardedLogger logger, string cache, int rules);

    [LoggerMessage(EventIds.BatchNotRaised, LogLevel.Warning, "Cache {Cache}: a batch of {Targets} names could not be raised. The batch is tried again unless the cache has ended.")]
    public static partial void BatchNotRaised(this GuardedLogger logger, Exception exception, string cache, int targets);

    [LoggerMessage(EventIds.CommittedNotRaised, LogLevel.Error, "Cache {Cache}: a unit of work succeeded, but its invalidations could not be raised. Outdated values may be served until they expire.")]
    public static partial void CommittedNotRaised(this GuardedLogger logger, Exception exception, string cache);

    [LoggerMessage(EventIds.ChangeExceeded, LogLevel.Warning, "Cache {Cache}: a change was raised that exceeds ChangeGuard: MaximumEntries is {Entries}, MaximumDepth is {Depth}. Logged at most once a minute.")]
    public static partial void ChangeExceeded(this GuardedLogger logger, string cache, int? entries, int? depth);

    [LoggerMessage(EventIds.TimerFailed, LogLevel.Error, "Log {Log}: the work of a timer failed. The timer continues.")]
    public static partial void TimerFailed(this GuardedLogger logger, Exception exception, string log);

    [LoggerMessage(EventIds.CancellationFailed, LogLevel.Warning, "Cache {Cache}: a callback registered with the cancellation token of a factory threw. The load is cancelled anyway.")]
    public static partial void CancellationFailed(this GuardedLogger logger, Exception exception, string cache);

    [LoggerMessage(EventIds.BypassedLoadNotShared, LogLevel.Debug, "Cache {Cache}: a value loaded past the cache could not be copied for the waiting reads. Each waiting read loads the value.")]
    public static partial void BypassedLoadNotShared(this GuardedLogger logger, Exception exception, string cache);

    [LoggerMessage(EventIds.Uncacheable, LogLevel.Warning, "Cache {Cache}: a value was not cached. {Reason} Each such read calls its factory; unstale.cache.uncacheable counts these calls. Logged once.")]
    public static partial void Uncacheable(this GuardedLogger logger, string cache, string reason);

    [LoggerMessage(EventId = EventIds.FailSafeUsed, Message = "Cache {Cache}: a load failed, and its caller received the expired value that FailSafeFor keeps.")]
    public static partial void FailSafeUsed(this GuardedLogger logger, LogLevel level, Exception exception, string cache);

    [LoggerMessage(EventIds.HybridCacheReplaced, LogLevel.Information, "Cache {Cache}: AddUnstale has replaced the HybridCache of AddHybridCache, whose options have no effect. Remove that call.")]
    public static partial void HybridCacheReplaced(this GuardedLogger logger, string cache);

    [LoggerMessage(EventIds.OtherHybridCacheAllowed, LogLevel.Warning, "Cache {Cache}: HybridCache is registered with {Other}, as AllowOtherHybridCache permits. Invalidations do not reach code that injects HybridCache.")]
    public static partial void OtherHybridCacheAllowed(this GuardedLogger logger, string cache, string other);

    [LoggerMessage(EventIds.DistributedCacheIgnored, LogLevel.Information, "An IDistributedCache is registered with {Other} and no cache uses it: values are cached in this process only. Call UseRedis to share values.")]
    public static partial void DistributedCacheIgnored(this GuardedLogger logger, string other);
}
