using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Sinks;
using Unstale.Telemetry;
using Xunit;

namespace Unstale.Tests.Telemetry;

public sealed class LogMessagesTests
{
    private static readonly InvalidOperationException Fault = new("boom");

    public static TheoryData<int, LogLevel, string> Expected => new()
    {
        { EventIds.LoadRefused, LogLevel.Debug, "Cache c: a loaded value was not stored, because it was invalidated during the load." },
        { EventIds.LoadFailed, LogLevel.Debug, "Cache c: a factory failed. Its callers get the exception." },
        { EventIds.RefreshFailed, LogLevel.Warning, "Cache c: a background refresh failed. The old value is served until it expires." },
        { EventIds.ValueTooLarge, LogLevel.Warning, "Cache c: a value of 2000 bytes was not stored: MaximumPayloadBytes is 1000." },
        { EventIds.RemoteStoreFailed, LogLevel.Warning, "Cache c: the second level failed. This counts as a miss." },
        { EventIds.AppendQueued, LogLevel.Warning, "Log l: invalidations could not be appended and are queued, 7 so far. Queued invalidations are in force on this node." },
        { EventIds.LogReachable, LogLevel.Information, "Log l: reachable again." },
        { EventIds.FellBehind, LogLevel.Warning, "Log l, partition 3: this node missed more records than the log retains. The partition was reset: all its cached values were removed." },
        { EventIds.GenerationChanged, LogLevel.Warning, "Log l, partition 3: the history was broken. The partition was reset: all its cached values were removed." },
        { EventIds.TailFailed, LogLevel.Warning, "Log l: following the log failed and is tried again." },
        { EventIds.NotTrusted, LogLevel.Warning, "Log l: this node has not been confirmed for 5.2 s; StalenessBound is 00:00:05. Cached values are not trusted until the log confirms this node." },
        { EventIds.TrustedAgain, LogLevel.Information, "Log l: this node is confirmed and trusted again." },
        { EventIds.RuleConditionFailed, LogLevel.Warning, "Cache c: the condition of the rule r threw. This counts as true." },
        { EventIds.RuleValueMissing, LogLevel.Warning, "Cache c: a placeholder of the rule r found no value, so the rule invalidates all names that may be meant. Logged once per rule." },
        { EventIds.RulesRefused, LogLevel.Error, "Cache c: the changed configuration of rules is invalid, and the previous rules stay in force. Why." },
        { EventIds.RulesReplaced, LogLevel.Information, "Cache c: the configuration of rules has changed and is in force, with 3 rules." },
        { EventIds.CommittedNotRaised, LogLevel.Error, "Cache c: a unit of work succeeded, but its invalidations could not be raised. Outdated values may be served until they expire." },
        { EventIds.BatchNotRaised, LogLevel.Warning, "Cache c: a batch of 3 names could not be raised. The batch is tried again unless the cache has ended." },
        {
            EventIds.InvalidationsLost, LogLevel.Warning, "Log l: 3 invalidations could not be appended before the process ended and are lost; "
            + "ShutdownTimeout is 00:00:05. Other nodes may serve the affected values until they expire."
        },
        {
            EventIds.TooManyDependencies, LogLevel.Warning,
            "Cache c: a factory read more keys and tags than are recorded with a value (MaximumDependencies is 500), so any later record of the log makes its value stale. Read less in one factory, or raise the option. Logged once."
        },
        {
            EventIds.ReadAcrossLogs, LogLevel.Warning,
            "Cache c: a factory of cache d, which uses another log, read this cache. The read is not recorded as a dependency of the loaded value. Logged once."
        },
        {
            EventIds.ReadAcrossPartitions, LogLevel.Warning,
            "Cache c: a load read a key of another partition of the log l from the source, because positions of two partitions have no order. Read both keys outside of loads, or use one partition. Logged once."
        },
        { EventIds.BypassedLoadNotShared, LogLevel.Debug, "Cache c: a value loaded past the cache could not be copied for the waiting reads. Each waiting read loads the value." },
        { EventIds.FailSafeUsed, LogLevel.Warning, "Cache c: a load failed, and its caller received the expired value that FailSafeFor keeps." },
        { EventIds.Uncacheable, LogLevel.Warning, "Cache c: a value was not cached. Why. Each such read calls its factory; unstale.cache.uncacheable counts these calls. Logged once." },
        {
            EventIds.ChangeExceeded, LogLevel.Warning,
            "Cache c: a change was raised that exceeds ChangeGuard: MaximumEntries is 1000, MaximumDepth is (null). Logged at most once a minute."
        },
        {
            EventIds.StaleReported, LogLevel.Warning,
            "Cache c: the application reported a stale value. 'k' is not cached. Logged at most once a minute; unstale.stale.reported counts all reports."
        },
        {
            EventIds.CacheEventHandlerFailed, LogLevel.Warning,
            "Cache c: a handler of the event Removed threw. The other handlers of the event are called."
        },
        { EventIds.LoadAbandoned, LogLevel.Warning, "Cache c: a load took longer than LoadTimeout (00:00:02) and was abandoned. The next caller starts a new load." },
        {
            EventIds.ValueNotReadBack, LogLevel.Warning,
            "Cache c: a value of type System.Uri was returned to its caller but not stored, because the value changed when it was serialized and deserialized: Why. Logged once per type."
        },
        { EventIds.EntryUnreadable, LogLevel.Warning, "Cache c: a value of type System.Uri in memory can no longer be deserialized and is loaded again: Why. Logged once per type." },
        {
            EventIds.ValueNotStored, LogLevel.Warning,
            "Cache c: a value of type System.Uri stays in memory but is not stored in the second level, because the value changed when it was serialized and deserialized: Why. Logged once per type."
        },
        { EventIds.TimerFailed, LogLevel.Error, "Log l: the work of a timer failed. The timer continues." },
        { EventIds.CancellationFailed, LogLevel.Warning, "Cache c: a callback registered with the cancellation token of a factory threw. The load is cancelled anyway." },
        { EventIds.QueryHit, LogLevel.Debug, "Cache c: query GetUser was served from the cache (Remote)." },
        { EventIds.QueryMiss, LogLevel.Debug, "Cache c: query GetUser was executed (Joined)." },
        { EventIds.CacheInvalidated, LogLevel.Information, "CACHE_INVALIDATION: UserRegistered cleared 5 entries by query_cache:ListUsers:*." },
        {
            EventIds.RuleFailed, LogLevel.Error,
            "Cache c: a rule of the command CreateUser threw. The names of this rule are unknown, so all cached queries are invalidated."
        },
        { EventIds.RaiseFailed, LogLevel.Error, "Cache c: an invalidation of the event UserRegistered was refused: a tag is invalid. All cached queries are invalidated instead." },
        { EventIds.NothingRaised, LogLevel.Error, "Cache c: no invalidation of the event UserRegistered could be raised. Outdated values may be served until they expire." },
        { EventIds.HandlerFailed, LogLevel.Error, "Cache c: a handler of the published event UserRegistered threw. The other handlers ran." },
        {
            EventIds.EventsLost, LogLevel.Error,
            "Cache c: 3 published events were not handled, because QueueCapacity is 1. Subscribers to all events are notified; cached queries are invalidated."
        },
        { EventIds.SinkFailed, LogLevel.Warning, "Log l, sink t: an update failed and is tried again. Until an update succeeds, the sink holds invalidated content." },
        { EventIds.HybridCacheReplaced, LogLevel.Information, "Cache c: AddUnstale has replaced the HybridCache of AddHybridCache, whose options have no effect. Remove that call." },
        {
            EventIds.OtherHybridCacheAllowed, LogLevel.Warning,
            "Cache c: HybridCache is registered with Other, as AllowOtherHybridCache permits. Invalidations do not reach code that injects HybridCache."
        },
        {
            EventIds.DistributedCacheIgnored, LogLevel.Information,
            "An IDistributedCache is registered with Other and no cache uses it: values are cached in this process only. Call UseRedis to share values."
        },
        { EventIds.SinkRecovered, LogLevel.Information, "Log l, sink t: updates succeed again." },
        {
            EventIds.SinkMissed, LogLevel.Warning, "Log l, sink t: an invalidation exceeds the capabilities of the sink, which are Keys, Tags. "
            + "AcceptsPartial is set, so the affected content stays in the sink until it expires."
        },
        {
            EventIds.SinkLost, LogLevel.Warning, "Log l, sink t: the process ended before the sink received 3 records; ShutdownTimeout is 00:00:05. "
            + "The sink may hold the affected content until it expires."
        },
    };

    [Theory]
    [MemberData(nameof(Expected))]
    public void Each_log_message_has_the_expected_text_and_level(int id, LogLevel level, string text)
    {
        var logger = new Recorder();
        Write(GuardedLogger.Over(logger), id);

        Assert.Equal([(id, level, text)], logger.Written);
    }

    [Fact]
    public void Every_event_has_a_number_of_its_own_and_is_tested()
    {
        var ids = typeof(EventIds).GetFields().Select(field => (int)field.GetRawConstantValue()!).ToList();

        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Equal(ids.Order(), Expected.Select(row => row.Data.Item1).Order());
    }

    private static void Write(GuardedLogger logger, int id)
    {
        switch (id)
        {
            case EventIds.LoadRefused: logger.LoadRefused("c"); break;
            case EventIds.LoadFailed: logger.LoadFailed(Fault, "c"); break;
            case EventIds.RefreshFailed: logger.RefreshFailed(Fault, "c"); break;
            case EventIds.ValueTooLarge: logger.ValueTooLarge("c", 2000, 1000); break;
            case EventIds.RemoteStoreFailed: logger.RemoteStoreFailed(LogLevel.Warning, Fault, "c"); break;
            case EventIds.AppendQueued: logger.AppendQueued(Fault, "l", 7); break;
            case EventIds.LogReachable: logger.LogReachable("l"); break;
            case EventIds.FellBehind: logger.FellBehind("l", 3); break;
            case EventIds.GenerationChanged: logger.GenerationChanged("l", 3); break;
            case EventIds.NotTrusted: logger.NotTrusted("l", 5.24, TimeSpan.FromSeconds(5)); break;
            case EventIds.TrustedAgain: logger.TrustedAgain("l"); break;
            case EventIds.InvalidationsLost: logger.InvalidationsLost("l", 3, TimeSpan.FromSeconds(5)); break;
            case EventIds.TooManyDependencies: logger.TooManyDependencies("c", 500); break;
            case EventIds.StaleReported: logger.StaleReported("c", "'k' is not cached."); break;
            case EventIds.CacheEventHandlerFailed: logger.CacheEventHandlerFailed(Fault, "c", CacheEventKind.Removed); break;
            case EventIds.ReadAcrossLogs: logger.ReadAcrossLogs("c", "d"); break;
            case EventIds.ReadAcrossPartitions: logger.ReadAcrossPartitions("c", "l"); break;
            case EventIds.RuleConditionFailed: logger.RuleConditionFailed(LogLevel.Warning, Fault, "c", "r"); break;
            case EventIds.RuleValueMissing: logger.RuleValueMissing("c", "r"); break;
            case EventIds.RulesRefused: logger.RulesRefused("c", "Why."); break;
            case EventIds.RulesReplaced: logger.RulesReplaced("c", 3); break;
            case EventIds.CommittedNotRaised: logger.CommittedNotRaised(Fault, "c"); break;
            case EventIds.BatchNotRaised: logger.BatchNotRaised(Fault, "c", 3); break;
            case EventIds.BypassedLoadNotShared: logger.BypassedLoadNotShared(new InvalidOperationException(), "c"); break;
            case EventIds.FailSafeUsed: logger.FailSafeUsed(LogLevel.Warning, Fault, "c"); break;
            case EventIds.Uncacheable: logger.Uncacheable("c", "Why."); break;
            case EventIds.ChangeExceeded: logger.ChangeExceeded("c", 1_000, null); break;
            case EventIds.LoadAbandoned: logger.LoadAbandoned("c", TimeSpan.FromSeconds(2)); break;
            case EventIds.ValueNotReadBack: logger.ValueNotReadBack(Fault, "c", typeof(Uri), "Why."); break;
            case EventIds.EntryUnreadable: logger.EntryUnreadable(Fault, "c", typeof(Uri), "Why."); break;
            case EventIds.ValueNotStored: logger.ValueNotStored(Fault, "c", typeof(Uri), "Why."); break;
            case EventIds.TimerFailed: logger.TimerFailed(Fault, "l"); break;
            case EventIds.CancellationFailed: logger.CancellationFailed(Fault, "c"); break;
            case EventIds.HybridCacheReplaced: logger.HybridCacheReplaced("c"); break;
            case EventIds.OtherHybridCacheAllowed: logger.OtherHybridCacheAllowed("c", "Other"); break;
            case EventIds.DistributedCacheIgnored: logger.DistributedCacheIgnored("Other"); break;
            case EventIds.QueryHit: logger.QueryHit("c", "GetUser", CacheOutcome.Remote); break;
            case EventIds.QueryMiss: logger.QueryMiss("c", "GetUser", CacheOutcome.Joined); break;
            case EventIds.CacheInvalidated: new CacheInvalidated("UserRegistered", "query_cache:ListUsers:*", default) { KeysCleared = 5 }.Write(logger); break;
            case EventIds.RuleFailed: logger.RuleFailed(Fault, "c", "command", "CreateUser"); break;
            case EventIds.RaiseFailed: logger.RaiseFailed("c", "event", "UserRegistered", "a tag is invalid."); break;
            case EventIds.NothingRaised: logger.NothingRaised(Fault, "c", "event", "UserRegistered"); break;
            case EventIds.HandlerFailed: logger.HandlerFailed(Fault, "c", "UserRegistered"); break;
            case EventIds.EventsLost: logger.EventsLost("c", 3, "QueueCapacity is 1"); break;
            case EventIds.SinkFailed: logger.SinkFailed(Fault, "l", "t"); break;
            case EventIds.SinkRecovered: logger.SinkRecovered("l", "t"); break;
            case EventIds.SinkMissed: logger.SinkMissed("l", "t", SinkCapabilities.Keys | SinkCapabilities.Tags); break;
            case EventIds.SinkLost: logger.SinkLost("l", "t", 3, TimeSpan.FromSeconds(5)); break;
            default: logger.TailFailed(Fault, "l"); break;
        }
    }

    private sealed class Recorder : ILogger
    {
        public List<(int Id, LogLevel Level, string Text)> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Add((eventId.Id, logLevel, formatter(state, exception)));
    }
}
