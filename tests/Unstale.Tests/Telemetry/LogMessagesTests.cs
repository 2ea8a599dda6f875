using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Targets;
using Unstale.Telemetry;
using Xunit;

namespace Unstale.Tests.Telemetry;

public sealed class LogMessagesTests
{
    private static readonly InvalidOperationException Fault = new("boom");

    public static TheoryData<int, LogLevel, string> Expected => new()
    {
        { EventIds.FillRefused, LogLevel.Debug, "Cache c: a loaded value was not kept, because it was invalidated while it was loaded." },
        { EventIds.FillFailed, LogLevel.Debug, "Cache c: a factory failed. Its callers get the exception." },
        { EventIds.RefreshFailed, LogLevel.Warning, "Cache c: a refresh behind failed. The old value is served until it expires." },
        { EventIds.ValueTooLarge, LogLevel.Warning, "Cache c: a value of 2000 bytes was not kept: MaximumPayloadBytes is 1000." },
        { EventIds.RemoteStoreFailed, LogLevel.Warning, "Cache c: the second level failed. This counts as a miss." },
        { EventIds.AppendQueued, LogLevel.Warning, "Log l: invalidations could not be written and wait in the queue, 7 so far. They are in force on this node." },
        { EventIds.LogReachable, LogLevel.Information, "Log l: reachable again." },
        { EventIds.FellBehind, LogLevel.Warning, "Log l, partition 3: this node has missed more than the log keeps. Everything held was forgotten." },
        { EventIds.GenerationChanged, LogLevel.Warning, "Log l, partition 3: the history was broken. Everything held was forgotten." },
        { EventIds.TailFailed, LogLevel.Warning, "Log l: following it failed. It is tried again." },
        { EventIds.NotTrusted, LogLevel.Warning, "Log l: this node is not confirmed for 5.2 s; StalenessBound is 00:00:05. What it holds is not trusted until the log answers." },
        { EventIds.TrustedAgain, LogLevel.Information, "Log l: this node is confirmed and trusted again." },
        { EventIds.RuleConditionFailed, LogLevel.Warning, "Cache c: the condition of the rule r threw. This counts as true." },
        { EventIds.RuleValueMissing, LogLevel.Warning, "Cache c: a placeholder of the rule r found no value, so that it takes all that may be meant. This is said once for a rule." },
        { EventIds.RulesRefused, LogLevel.Error, "Cache c: the changed configuration of rules is refused, and the rules before it stay in force. Why." },
        { EventIds.RulesReplaced, LogLevel.Information, "Cache c: the configuration of rules has changed and is in force, with 3 rules." },
        { EventIds.CommittedNotRaised, LogLevel.Error, "Cache c: a unit of work has come about, and what it made untrue could not be raised. Values of before may be served until they expire." },
        { EventIds.BatchNotRaised, LogLevel.Warning, "Cache c: a batch of 3 names could not be raised. It is tried again unless the cache has ended." },
        {
            EventIds.InvalidationsLost, LogLevel.Warning, "Log l: 3 invalidations could not be written before the end and are lost with this process; "
            + "ShutdownLimit is 00:00:05. Other nodes may serve what they took until it expires."
        },
        {
            EventIds.TooManyDependencies, LogLevel.Warning,
            "Cache c: a factory read more keys and tags than are recorded with a value (MaximumDependencies is 500), so any later record of the log makes its value stale. Read less in one factory, or raise the option. Logged once."
        },
        {
            EventIds.ReadAcrossLogs, LogLevel.Warning,
            "Cache c: a factory of cache d, which obeys another log, read it. What it read is not recorded as what its value was made from. This is said once."
        },
        {
            EventIds.ReadAcrossPartitions, LogLevel.Warning,
            "Cache c: a load read a key of another partition of the log l, and so from the source, since positions of two partitions have no order. Read both outside of loads, or use one partition. Logged once."
        },
        { EventIds.BypassedLoadNotShared, LogLevel.Debug, "Cache c: a value that was loaded past the cache could not be copied for the reads that waited for it. Each of them loads it." },
        {
            EventIds.ChangeExceeded, LogLevel.Warning,
            "Cache c: a change was raised that exceeds ChangeGuard: MaximumEntries is 1000, MaximumDepth is (null). This is said at most once a minute."
        },
        { EventIds.LoadAbandoned, LogLevel.Warning, "Cache c: a load took longer than LoadTimeout (00:00:02) and was abandoned. The next caller loads anew." },
        {
            EventIds.ValueNotReadBack, LogLevel.Warning,
            "Cache c: a value of type System.Uri went to its caller and was not kept, because it was not written and read back unchanged: Why. Logged once per type."
        },
        { EventIds.EntryUnreadable, LogLevel.Warning, "Cache c: a value of type System.Uri in memory cannot be read any more, and is loaded anew: Why. Logged once per type." },
        {
            EventIds.ValueNotStored, LogLevel.Warning,
            "Cache c: a value of type System.Uri stays in memory and is not stored in the second level, because it was not written and read back unchanged: Why. Logged once per type."
        },
        { EventIds.TimerFailed, LogLevel.Error, "Log l: the work of a timer failed. The timer goes on." },
        { EventIds.CancellationFailed, LogLevel.Warning, "Cache c: a callback at the cancellation token of a factory threw. The load is cancelled all the same." },
        { EventIds.QueryHit, LogLevel.Debug, "Cache c: query GetUser was answered from the cache (Remote)." },
        { EventIds.QueryMiss, LogLevel.Debug, "Cache c: query GetUser was executed (Joined)." },
        { EventIds.CacheInvalidated, LogLevel.Information, "CACHE_INVALIDATION: UserRegistered cleared 5 entries by query_cache:ListUsers:*." },
        {
            EventIds.RuleFailed, LogLevel.Error,
            "Cache c: a rule of the command CreateUser threw. What it would have named is not known: all cached queries are invalidated."
        },
        { EventIds.RaiseFailed, LogLevel.Error, "Cache c: what the event UserRegistered makes untrue was refused: a tag cannot be one. All cached queries are invalidated instead." },
        { EventIds.NothingRaised, LogLevel.Error, "Cache c: what the event UserRegistered makes untrue could not be raised at all. It may be served until it expires." },
        { EventIds.HandlerFailed, LogLevel.Error, "Cache c: a handler of the published event UserRegistered threw. The others ran." },
        {
            EventIds.EventsLost, LogLevel.Error,
            "Cache c: 3 published events were not handled, because QueueCapacity is 1. Who follows all of them is told; cached queries are invalidated."
        },
        { EventIds.TargetFailed, LogLevel.Warning, "Log l, target t: it could not be told. It is tried again, and holds what was invalidated until it can." },
        { EventIds.HybridCacheReplaced, LogLevel.Information, "Cache c: AddUnstale has replaced the HybridCache of AddHybridCache, whose options have no effect. Remove that call." },
        {
            EventIds.OtherHybridCacheAllowed, LogLevel.Warning,
            "Cache c: HybridCache is registered with Other, as AllowOtherHybridCache permits. Code that injects HybridCache is not reached by invalidations."
        },
        {
            EventIds.DistributedCacheIgnored, LogLevel.Information,
            "An IDistributedCache is registered with Other and no cache uses it: values are kept in this process alone. Call UseRedis to share them."
        },
        { EventIds.TargetRecovered, LogLevel.Information, "Log l, target t: it is told again." },
        {
            EventIds.TargetMissed, LogLevel.Warning, "Log l, target t: there is something to say that it cannot be told, its abilities are Keys, Tags. "
            + "AcceptsPartial is set, so it keeps what that takes until it expires there."
        },
        {
            EventIds.TargetLost, LogLevel.Warning, "Log l, target t: the process ends and 3 records were not told; ShutdownLimit is 00:00:05. "
            + "It may hold what they took until that expires there."
        },
    };

    [Theory]
    [MemberData(nameof(Expected))]
    public void A_message_says_what_happened_at_its_level(int id, LogLevel level, string text)
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
            case EventIds.FillRefused: logger.FillRefused("c"); break;
            case EventIds.FillFailed: logger.FillFailed(Fault, "c"); break;
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
            case EventIds.ReadAcrossLogs: logger.ReadAcrossLogs("c", "d"); break;
            case EventIds.ReadAcrossPartitions: logger.ReadAcrossPartitions("c", "l"); break;
            case EventIds.RuleConditionFailed: logger.RuleConditionFailed(LogLevel.Warning, Fault, "c", "r"); break;
            case EventIds.RuleValueMissing: logger.RuleValueMissing("c", "r"); break;
            case EventIds.RulesRefused: logger.RulesRefused("c", "Why."); break;
            case EventIds.RulesReplaced: logger.RulesReplaced("c", 3); break;
            case EventIds.CommittedNotRaised: logger.CommittedNotRaised(Fault, "c"); break;
            case EventIds.BatchNotRaised: logger.BatchNotRaised(Fault, "c", 3); break;
            case EventIds.BypassedLoadNotShared: logger.BypassedLoadNotShared(new InvalidOperationException(), "c"); break;
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
            case EventIds.RaiseFailed: logger.RaiseFailed("c", "event", "UserRegistered", "a tag cannot be one."); break;
            case EventIds.NothingRaised: logger.NothingRaised(Fault, "c", "event", "UserRegistered"); break;
            case EventIds.HandlerFailed: logger.HandlerFailed(Fault, "c", "UserRegistered"); break;
            case EventIds.EventsLost: logger.EventsLost("c", 3, "QueueCapacity is 1"); break;
            case EventIds.TargetFailed: logger.TargetFailed(Fault, "l", "t"); break;
            case EventIds.TargetRecovered: logger.TargetRecovered("l", "t"); break;
            case EventIds.TargetMissed: logger.TargetMissed("l", "t", TargetAbilities.Keys | TargetAbilities.Tags); break;
            case EventIds.TargetLost: logger.TargetLost("l", "t", 3, TimeSpan.FromSeconds(5)); break;
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
