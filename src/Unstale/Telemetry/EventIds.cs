namespace Unstale.Telemetry;

/// <summary>Numbers of the log messages. A number is never reused for another message.</summary>
internal static class EventIds
{
    public const int LoadRefused = 1;
    public const int LoadFailed = 2;
    public const int RefreshFailed = 3;
    public const int ValueTooLarge = 4;
    public const int RemoteStoreFailed = 5;
    public const int AppendQueued = 20;
    public const int LogReachable = 21;
    public const int GenerationChanged = 22;
    public const int TailFailed = 24;
    public const int NotTrusted = 25;
    public const int TrustedAgain = 26;
    public const int InvalidationsLost = 27;
    public const int FellBehind = 28;
    public const int TooManyDependencies = 29;
    public const int ReadAcrossLogs = 30;
    public const int ReadAcrossPartitions = 31;
    public const int SinkFailed = 40;
    public const int SinkRecovered = 41;
    public const int SinkMissed = 42;
    public const int SinkLost = 43;
    public const int QueryHit = 50;
    public const int QueryMiss = 51;
    public const int CacheInvalidated = 52;
    public const int RuleFailed = 53;
    public const int RaiseFailed = 54;
    public const int NothingRaised = 55;
    public const int HandlerFailed = 56;
    public const int EventsLost = 57;
    public const int RuleConditionFailed = 60;
    public const int RuleValueMissing = 61;
    public const int RulesRefused = 62;
    public const int RulesReplaced = 63;
    public const int BatchNotRaised = 64;
    public const int CommittedNotRaised = 65;
    public const int ChangeExceeded = 66;
    public const int LoadAbandoned = 70;
    public const int ValueNotReadBack = 75;
    public const int EntryUnreadable = 76;
    public const int ValueNotStored = 77;
    public const int TimerFailed = 79;
    public const int CancellationFailed = 80;
    public const int BypassedLoadNotShared = 85;
    public const int Uncacheable = 86;
    public const int FailSafeUsed = 87;
    public const int StaleReported = 88;
    public const int CacheEventHandlerFailed = 89;
    public const int HybridCacheReplaced = 90;
    public const int OtherHybridCacheAllowed = 91;
    public const int DistributedCacheIgnored = 92;
}
