using Microsoft.Extensions.Logging;
using Unstale.Boundary;

namespace Unstale.Redis.Telemetry;

/// <summary>All log messages of this assembly. Keys, tags and values are not logged, except in the lines enabled by LogKeys.</summary>
internal static partial class RedisLogMessages
{
    [LoggerMessage(EventIds.LinkUp, LogLevel.Information, "Redis at {Server}: connected ({Name} {Version}, {Role}).")]
    public static partial void LinkUp(this GuardedLogger logger, string server, string name, Version? version, string role);

    [LoggerMessage(EventIds.LinkDown, LogLevel.Warning, "Redis at {Server}: the connections were lost and are being restored. {Reason}")]
    public static partial void LinkDown(this GuardedLogger logger, Exception? exception, string server, string reason);

    [LoggerMessage(EventIds.ConnectFailed, LogLevel.Warning,
        "Redis at {Server}: connecting failed and is tried again; each reason is logged once. Until the connection is up, unconfirmed values are not served, and invalidations are queued. {Reason}")]
    public static partial void ConnectFailed(this GuardedLogger logger, Exception? exception, string server, string reason);

    [LoggerMessage(EventIds.RunIdHidden, LogLevel.Warning,
        "Redis at {Server}: the server hides its run id (INFO server). A restart or failover that loses data is detected only by the ids of records, which can miss the loss. Allow the command INFO.")]
    public static partial void RunIdHidden(this GuardedLogger logger, string server);


    [LoggerMessage(EventId = EventIds.ServerChecked, Message = "Redis at {Server}: effect of the server's settings. {Meaning}")]
    public static partial void ServerChecked(this GuardedLogger logger, LogLevel level, string server, string meaning);

    [LoggerMessage(EventIds.HistoryReplaced, LogLevel.Warning,
        "Redis at {Server}, log {Log}: the key {Key} contained a {Found}, which the log did not write. A new generation was begun, so every node is reset. Another program writes to the keys of the log: give that program another prefix.")]
    public static partial void HistoryReplaced(this GuardedLogger logger, string server, string log, string key, string found);

    [LoggerMessage(EventIds.ForeignKeyRemoved, LogLevel.Warning,
        "Redis at {Server}, log {Log}: the key {Key} contained a {Found}, which the log did not write. The key was removed. Another program writes to the keys of the log: give that program another prefix.")]
    public static partial void ForeignKeyRemoved(this GuardedLogger logger, string server, string log, string key, string found);

    [LoggerMessage(EventIds.FewThreads, LogLevel.Warning,
        "Redis at {Server}: the servers are found through a Sentinel, and the thread pool begins with {Threads} threads. StackExchange.Redis blocks threads while it follows a failover, and with so few threads the whole process stops for seconds. Call ThreadPool.SetMinThreads(16, 16) at the start.")]
    public static partial void FewThreads(this GuardedLogger logger, string server, int threads);

    [LoggerMessage(EventIds.OtherPartitionCount, LogLevel.Error,
        "Log {Log}: the log has {Stored} partitions on the server, but this process was started with {Own}. Cached values are not trusted and invalidations are queued until RedisOptions.Partitions is the number of the server, or the log is deleted from the server.")]
    public static partial void OtherPartitionCount(this GuardedLogger logger, string log, int stored, int own);

    [LoggerMessage(EventIds.RecordUnreadable, LogLevel.Warning,
        "Log {Log}: a record has an unknown format or kind and counts as everything. A newer version may write to this log. Further unknown records are not logged.")]
    public static partial void RecordUnreadable(this GuardedLogger logger, string log);

    [LoggerMessage(EventIds.PushUnreadable, LogLevel.Warning,
        "Log {Log}: a message on the channel of the log is not a record. The log is read instead. Further such messages are not logged.")]
    public static partial void PushUnreadable(this GuardedLogger logger, string log);

    [LoggerMessage(EventIds.ValueUnreadable, LogLevel.Warning,
        "Cache {Cache}: a stored value cannot be read ({Reason}) and counts as a miss. Another program, or a newer version, may write to the keys of the cache. Further values with this reason are not logged.")]
    public static partial void ValueUnreadable(this GuardedLogger logger, string cache, string reason);

    [LoggerMessage(EventIds.Swept, LogLevel.Debug, "Log {Log}: a sweep removed {Keys} of {Visited} values in {Milliseconds} ms.")]
    public static partial void Swept(this GuardedLogger logger, string log, long keys, long visited, long milliseconds);

    [LoggerMessage(EventIds.SweepRefused, LogLevel.Warning,
        "Log {Log}: the server refused a sweep. The sweep is tried again; logged once until a sweep succeeds. Patterns stay in force meanwhile, and more than 64 patterns become everything.")]
    public static partial void SweepRefused(this GuardedLogger logger, Exception exception, string log);

    [LoggerMessage(EventIds.SweepFailed, LogLevel.Debug, "Log {Log}: a sweep did not finish. The sweep is tried again by this or another node.")]
    public static partial void SweepFailed(this GuardedLogger logger, Exception exception, string log);

    [LoggerMessage(EventIds.WorkFailed, LogLevel.Error, "{Queue}: processing a received item failed. The queue continues with the next item.")]
    public static partial void WorkFailed(this GuardedLogger logger, Exception exception, string queue);

    [LoggerMessage(EventIds.NotPublished, LogLevel.Warning, "{Reason} Receivers hold the affected values until they expire. Further failures in a row are counted, not logged.")]
    public static partial void NotPublished(this GuardedLogger logger, string reason);

    [LoggerMessage(EventIds.MessageRejected, LogLevel.Warning,
        "Channel {Channel}: a published message is not a valid invalidation message ({Reason}). The message is ignored; further ones are counted, not logged.")]
    public static partial void MessageRejected(this GuardedLogger logger, string channel, string reason);

    [LoggerMessage(EventIds.CallbackFailed, LogLevel.Error, "Channel {Channel}: the callback failed for a message. The next message is handled; failures in a row are logged once.")]
    public static partial void CallbackFailed(this GuardedLogger logger, Exception exception, string channel);

    [LoggerMessage(EventIds.GapCallbackFailed, LogLevel.Error, "Channel {Channel}: the callback for missed messages failed. The callback is called again.")]
    public static partial void GapCallbackFailed(this GuardedLogger logger, Exception exception, string channel);

    [LoggerMessage(EventIds.ChannelGap, LogLevel.Warning, "Channel {Channel}: messages may have been missed, and values that the missed messages would have removed must be forgotten.")]
    public static partial void ChannelGap(this GuardedLogger logger, string channel);

    [LoggerMessage(EventIds.ChannelOverflowed, LogLevel.Warning, "Channel {Channel}: messages arrive faster than they are handled, and some were dropped.")]
    public static partial void ChannelOverflowed(this GuardedLogger logger, string channel);

    [LoggerMessage(EventIds.EverythingRefused, LogLevel.Warning,
        "Channel {Channel}: the pattern of a message begins with a wildcard or is too long, which amounts to everything, and AcceptEverything is false. The pattern is ignored; further ones are counted, not logged.")]
    public static partial void EverythingRefused(this GuardedLogger logger, string channel);

    [LoggerMessage(EventIds.NameRefused, LogLevel.Warning,
        "Channel {Channel}: a message names keys outside of the prefixes that Accept and AcceptFrom list for its service. These keys are ignored; further ones are counted, not logged.")]
    public static partial void NameRefused(this GuardedLogger logger, string channel);

    [LoggerMessage(EventIds.PatternsCollapsed, LogLevel.Warning,
        "Channel {Channel}: patterns of a service arrive faster than they can be swept, and their prefixes are invalidated instead. Further ones are counted, not logged.")]
    public static partial void PatternsCollapsed(this GuardedLogger logger, string channel);

    [LoggerMessage(EventIds.ReceivedNotAppended, LogLevel.Warning, "Log {Log}: invalidations received over a channel could not be appended; the append is tried again. {Reason}")]
    public static partial void ReceivedNotAppended(this GuardedLogger logger, string log, string reason);

    [LoggerMessage(EventIds.KeyInvalidated, LogLevel.Information, "A message invalidated {cache_key}.")]
    public static partial void KeyInvalidated(this GuardedLogger logger, string cache_key);

    [LoggerMessage(EventIds.PatternInvalidated, LogLevel.Information, "A message invalidated the keys that match {pattern}.")]
    public static partial void PatternInvalidated(this GuardedLogger logger, string? pattern);

    [LoggerMessage(EventIds.BatchInvalidated, LogLevel.Information, "A message invalidated {batch_size} keys.")]
    public static partial void BatchInvalidated(this GuardedLogger logger, int batch_size);
}
