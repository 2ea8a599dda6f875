namespace Unstale.Tests.Architecture;

/// <summary>Calls of application code outside the guard, each with the reason why it needs none.</summary>
internal static class KnownCalls
{
    /// <summary>Interfaces that the application implements.</summary>
    public static readonly string[] Interfaces =
    [
        "IHybridCacheSerializer", "IHybridCacheSerializerFactory", "IInvalidationSink", "IInvalidationStrategy", "ICacheableQuery", "IMeterFactory", "IChangeToken", "ISucceeded",
    ];

    public static readonly string[] Cancellations =
    [
        // Their tokens reach no code of the application.
        "CallConnection.CallAsync: a source with a time limit",
        "LagWatch.LookAsync: a source with a time limit",
        "NotificationReceiver.RunAsync: a source with a time limit",
        "OutboxRelay.RaiseAsync: a source with a time limit",
        "PatternQueue.DisposeAsync: a source with a time limit",
    ];

    public static readonly string[] Delegates =
    [
        // The exception belongs to the caller, which waits for the delegate.
        "LoadFactory.CallAsync: plain",
        "LoadFactory.CallAsync: withContext",
        "LoadFactory.CallAsync: hybrid",
        "LoadFactory.WithLocalSize: factory",
        "LoadFactory.ThroughAsync: pipeline",
        "LoadBatch.For: batch.Source",
        "LoadCoordinator.CallOnceAsync: s.Batch.Source",
        "UnstaleCache.TryAddMissing: tagsOf",
        "CommandInvalidation.ExecuteAsync: next",
        "QueryCache.ExecuteAsync: s.next",
        "QueryCache.LoadAsync: next",
        "QueryCache.UncachedAsync: next",

        // The exception fails the start, or the call that configures.
        "CodedRules.AddTo: configure",
        "UnstaleServiceCollectionExtensions.AddInvalidationLog: configure",
        "UnstaleServiceCollectionExtensions.BindThen: configure",
        "UnstaleBuilderExtensions.AddMemoryCacheSink: map",
        "ChannelConnection.Create: configure",
        "PostgreSqlUnstaleBuilderExtensions.UsePostgreSqlLog: configure",
        "OutboxUnstaleBuilderExtensions.UsePostgreSqlOutbox: configure",
        "ChangeCaptureUnstaleBuilderExtensions.UsePostgreSqlChangeCapture: configure",
        "RedisUnstaleBuilderExtensions.UseRedis: configure",
        "UnstaleContextOptions.CacheAllQueries: configure",
        "UnstaleDbContextOptionsBuilderExtensions.Add: configure",
        "OutputCacheUnstaleBuilderExtensions.AddOutputCacheSink: map",

        // Wrapped in a delegate that the guard calls: conditions, maps and tests of rules, handlers, targets.
        "RuleBuilder.Where: before",
        "RuleBuilder.Where: condition",
        "CommandInvalidationOptions.On: map",
        "EventInvalidationRule.For: map",
        "FailureResults.Add: isFailure",
        "DomainEvents.Subscribe: handler",
        "InvalidationSubscriber.Subscribe: onGap",
        "UnstaleBuilderExtensions.AddHybridCacheSink: find",
        "CallbackSink.InvalidateAsync: callback",
        "MemoryCacheSink.InvalidateAsync: options.KeysOf",
        "MemoryCacheSink.InvalidateAsync: options.KeysOfTag",
        "OutputCacheSink.InvalidateAsync: options.TagsOfKey",

        // A multiplexer of the application: the exception is the reason for the missing connection, and the connection is retried.
        "MultiplexerPair.MadeAsync: factory",

        // Called by the method that reviews the rules.
        "RuleAnalyzer.FindUnused: isCarried",
    ];

    public static readonly string[] Objects =
    [
        // The loader handles values that cannot be written or read.
        "RegisteredCodec.Write: IHybridCacheSerializer.Serialize",
        "RegisteredCodec.ReadValue: IHybridCacheSerializer.Deserialize",
        "CodecTable.Create: IHybridCacheSerializerFactory.TryCreateSerializer",

        // The exception belongs to the caller and its query.
        "QueryCache.EntryOf: ICacheableQuery.Expiration",
        "QueryCache.EntryOf: ICacheableQuery.FreshFor",
        "QueryCache.EntryOf: ICacheableQuery.DataType",

        // Called by the guard, and by the start of the host.
        "SinkDispatcher.Find: IInvalidationSink.Capabilities",
        "SinkDispatcher.DeliverAsync: IInvalidationSink.InvalidateAsync",
    ];
}
