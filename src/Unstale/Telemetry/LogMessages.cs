using Microsoft.Extensions.Logging;
using Unstale.Boundary;

namespace Unstale.Telemetry;

/// <summary>All log messages of this assembly. Keys, tags and values are not logged.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(EventIds.FillRefused, LogLevel.Debug, "Cache {Cache}: a loaded value was not kept, because it was invalidated while it was loaded.")]
    public static partial void FillRefused(this GuardedLogger logger, string cache);

    [LoggerMessage(EventIds.FillFailed, LogLevel.Debug, "Cache {Cache}: a factory failed. Its callers get the exception.")]
    public static partial void FillFailed(this GuardedLogger logger, Exception exception, string cache);

    [LoggerMessage(EventIds.RefreshFailed, LogLevel.Warning, "Cache {Cache}: a refresh behind failed. The old value is served until it expires.")]
    public static partial void RefreshFailed(this GuardedLogger logger, Exception exception, string cache);

    [LoggerMessage(EventIds.LoadAbandoned, LogLevel.Warning, "Cache {Cache}: a load took longer than LoadTimeout ({Limit}) and was abandoned. The next caller loads anew.")]
    public static partial void LoadAbandoned(this GuardedLogger logger, string cache, TimeSpan limit);

    [LoggerMessage(EventIds.ValueTooLarge, LogLevel.Warning, "Cache {Cache}: a value of {Bytes} bytes was not kept: MaximumPayloadBytes is {Limit}.")]
    public static partial void ValueTooLarge(this GuardedLogger logger, string cache, long bytes, int limit);

    [LoggerMessage(EventIds.ValueNotReadBack, LogLevel.Warning, "Cache {Cache}: a value of type {Type} went to its caller and was not kept, because it was not written and read back unchanged: {Reason} Logged once per type.")]
    public static partial void ValueNotReadBack(this GuardedLogger logger, Exception exception, string cache, Type type, string reason);

    [LoggerMessage(EventIds.EntryUnreadable, LogLevel.Warning, "Cache {Cache}: a value of type {Type} in memory cannot be read any more, and is loaded anew: {Reason} Logged once per type.")]
    public static partial void EntryUnreadable(this GuardedLogger logger, Exception exception, string cache, Type type, string reason);

    [LoggerMessage(EventIds.ValueNotStored, LogLevel.Warning, "Cache {Cache}: a value of type {Type} stays in memory and is not stored in the second level, because it was not written and read back unchanged: {Reason} Logged once per type.")]
    public static partial void ValueNotStored(this GuardedLogger logger, Exception exception, string cache, Type type, string reason);

    [LoggerMessage(EventIds.TooManyDependencies, LogLevel.Warning, "Cache {Cache}: a factory read more keys and tags than are recorded with a value (MaximumDependencies is {Limit}), so any later record of the log makes its value stale. Read less in one factory, or raise the option. Logged once.")]
    public static partial void TooManyDependencies(this GuardedLogger logger, string cache, int limit);

    [LoggerMessage(EventIds.ReadAcrossLogs, LogLevel.Warning, "Cache {Cache}: a factory of cache {Reader}, which obeys another log, read it. What it read is not recorded as what its value was made from. This is said once.")]
    public static partial void ReadAcrossLogs(this GuardedLogger logger, string cache, string reader);

    [LoggerMessage(EventIds.ReadAcrossPartitions, LogLevel.Warning, "Cache {Cache}: a load read a key of another partition of the log {Log}, and so from the source, since positions of two partitions have no order. Read both outside of loads, or use one partition. Logged once.")]
    public static partial void ReadAcrossPartitions(this GuardedLogger logger, string cache, string log);

    [LoggerMessage(EventId = EventIds.RemoteStoreFailed, Message = "Cache {Cache}: the second level failed. This counts as a miss.")]
    public static partial void RemoteStoreFailed(this GuardedLogger logger, LogLevel level, Exception exception, string cache);

    [LoggerMessage(EventIds.AppendQueued, LogLevel.Warning, "Log {Log}: invalidations could not be written and wait in the queue, {Queued} so far. They are in force on this node.")]
    public static partial void AppendQueued(this GuardedLogger logger, Exception exception, string log, long queued);

    [LoggerMessage(EventIds.LogReachable, LogLevel.Information, "Log {Log}: reachable again.")]
    public static partial void LogReachable(this GuardedLogger logger, string log);

    [LoggerMessage(EventIds.GenerationChanged, LogLevel.Warning, "Log {Log}, partition {Partition}: the history was broken. Everything held was forgotten.")]
    public static partial void GenerationChanged(this GuardedLogger logger, string log, int partition);

    [LoggerMessage(EventIds.FellBehind, LogLevel.Warning, "Log {Log}, partition {Partition}: this node has missed more than the log keeps. Everything held was forgotten.")]
    public static partial void FellBehind(this GuardedLogger logger, string log, int partition);

    [LoggerMessage(EventIds.NotTrusted, LogLevel.Warning, "Log {Log}: this node is not confirmed for {Seconds:0.0} s; StalenessBound is {Bound}. What it holds is not trusted until the log answers.")]
    public static partial void NotTrusted(this GuardedLogger logger, string log, double seconds, TimeSpan bound);

    [LoggerMessage(EventIds.TrustedAgain, LogLevel.Information, "Log {Log}: this node is confirmed and trusted again.")]
    public static partial void TrustedAgain(this GuardedLogger logger, string log);

    [LoggerMessage(EventIds.InvalidationsLost, LogLevel.Warning, "Log {Log}: {Lost} invalidations could not be written before the end and are lost with this process; ShutdownLimit is {Limit}. Other nodes may serve what they took until it expires.")]
    public static partial void InvalidationsLost(this GuardedLogger logger, string log, long lost, TimeSpan limit);

    [LoggerMessage(EventIds.TargetFailed, LogLevel.Warning, "Log {Log}, target {Target}: it could not be told. It is tried again, and holds what was invalidated until it can.")]
    public static partial void TargetFailed(this GuardedLogger logger, Exception exception, string log, string target);

    [LoggerMessage(EventIds.TargetRecovered, LogLevel.Information, "Log {Log}, target {Target}: it is told again.")]
    public static partial void TargetRecovered(this GuardedLogger logger, string log, string target);

    [LoggerMessage(EventIds.TargetMissed, LogLevel.Warning, "Log {Log}, target {Target}: there is something to say that it cannot be told, its abilities are {Abilities}. AcceptsPartial is set, so it keeps what that takes until it expires there.")]
    public static partial void TargetMissed(this GuardedLogger logger, string log, string target, Enum abilities);

    [LoggerMessage(EventIds.TargetLost, LogLevel.Warning, "Log {Log}, target {Target}: the process ends and {Lost} records were not told; ShutdownLimit is {Limit}. It may hold what they took until that expires there.")]
    public static partial void TargetLost(this GuardedLogger logger, string log, string target, int lost, TimeSpan limit);

    [LoggerMessage(EventIds.TailFailed, LogLevel.Warning, "Log {Log}: following it failed. It is tried again.")]
    public static partial void TailFailed(this GuardedLogger logger, Exception exception, string log);

    [LoggerMessage(EventId = EventIds.RuleConditionFailed, Message = "Cache {Cache}: the condition of the rule {Rule} threw. This counts as true.")]
    public static partial void RuleConditionFailed(this GuardedLogger logger, LogLevel level, Exception exception, string cache, string rule);

    [LoggerMessage(EventIds.RuleValueMissing, LogLevel.Warning, "Cache {Cache}: a placeholder of the rule {Rule} found no value, so that it takes all that may be meant. This is said once for a rule.")]
    public static partial void RuleValueMissing(this GuardedLogger logger, string cache, string rule);

    [LoggerMessage(EventIds.RulesRefused, LogLevel.Error, "Cache {Cache}: the changed configuration of rules is refused, and the rules before it stay in force. {Problem}")]
    public static partial void RulesRefused(this GuardedLogger logger, string cache, string problem);

    [LoggerMessage(EventIds.RulesReplaced, LogLevel.Information, "Cache {Cache}: the configuration of rules has changed and is in force, with {Rules} rules.")]
    public static partial void RulesReplaced(this GuardedLogger logger, string cache, int rules);

    [LoggerMessage(EventIds.BatchNotRaised, LogLevel.Warning, "Cache {Cache}: a batch of {Targets} names could not be raised. It is tried again unless the cache has ended.")]
    public static partial void BatchNotRaised(this GuardedLogger logger, Exception exception, string cache, int targets);

    [LoggerMessage(EventIds.CommittedNotRaised, LogLevel.Error, "Cache {Cache}: a unit of work has come about, and what it made untrue could not be raised. Values of before may be served until they expire.")]
    public static partial void CommittedNotRaised(this GuardedLogger logger, Exception exception, string cache);

    [LoggerMessage(EventIds.ChangeExceeded, LogLevel.Warning, "Cache {Cache}: a change was raised that exceeds ChangeGuard: MaximumEntries is {Entries}, MaximumDepth is {Depth}. This is said at most once a minute.")]
    public static partial void ChangeExceeded(this GuardedLogger logger, string cache, int? entries, int? depth);

    [LoggerMessage(EventIds.TimerFailed, LogLevel.Error, "Log {Log}: the work of a timer failed. The timer goes on.")]
    public static partial void TimerFailed(this GuardedLogger logger, Exception exception, string log);

    [LoggerMessage(EventIds.CancellationFailed, LogLevel.Warning, "Cache {Cache}: a callback at the cancellation token of a factory threw. The load is cancelled all the same.")]
    public static partial void CancellationFailed(this GuardedLogger logger, Exception exception, string cache);

    [LoggerMessage(EventIds.BypassedLoadNotShared, LogLevel.Debug, "Cache {Cache}: a value that was loaded past the cache could not be copied for the reads that waited for it. Each of them loads it.")]
    public static partial void BypassedLoadNotShared(this GuardedLogger logger, Exception exception, string cache);

    [LoggerMessage(EventIds.HybridCacheReplaced, LogLevel.Information, "Cache {Cache}: AddUnstale has replaced the HybridCache of AddHybridCache, whose options have no effect. Remove that call.")]
    public static partial void HybridCacheReplaced(this GuardedLogger logger, string cache);

    [LoggerMessage(EventIds.OtherHybridCacheAllowed, LogLevel.Warning, "Cache {Cache}: HybridCache is registered with {Other}, as AllowOtherHybridCache permits. Code that injects HybridCache is not reached by invalidations.")]
    public static partial void OtherHybridCacheAllowed(this GuardedLogger logger, string cache, string other);

    [LoggerMessage(EventIds.DistributedCacheIgnored, LogLevel.Information, "An IDistributedCache is registered with {Other} and no cache uses it: values are kept in this process alone. Call UseRedis to share them.")]
    public static partial void DistributedCacheIgnored(this GuardedLogger logger, string other);
}
