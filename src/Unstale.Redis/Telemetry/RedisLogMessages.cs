using Microsoft.Extensions.Logging;
using Unstale.Boundary;

namespace Unstale.Redis.Telemetry;

/// <summary>All log messages of this assembly. Keys, tags and values are not logged, except in the lines enabled by LogKeys.</summary>
internal static partial class RedisLogMessages
{
    [LoggerMessage(EventIds.LinkUp, LogLevel.Information, "Redis at {Server}: connected ({Name} {Version}, {Role}).")]
    public static partial void LinkUp(this GuardedLogger logger, string server, string name, Version? version, string role);

    [LoggerMessage(EventIds.LinkDown, LogLevel.Warning, "Redis at {Server}: the link is gone, and is made again. {Reason}")]
    public static partial void LinkDown(this GuardedLogger logger, Exception? exception, string server, string reason);

    [LoggerMessage(EventIds.ConnectFailed, LogLevel.Warning,
        "Redis at {Server}: there is no link, and it is tried again; the same reason is not said twice. Until it stands, what cannot be confirmed is not served, and invalidations wait here. {Reason}")]
    public static partial void ConnectFailed(this GuardedLogger logger, Exception? exception, string server, string reason);

    [LoggerMessage(EventIds.RunIdHidden, LogLevel.Warning,
        "Redis at {Server}: it does not tell its run id (INFO server). A restart or failover that loses data is recognised by the ids of records alone, which can miss it. Allow the command INFO.")]
    public static partial void RunIdHidden(this GuardedLogger logger, string server);


    [LoggerMessage(EventId = EventIds.ServerSurveyed, Message = "Redis at {Server}: what its settings mean. {Meaning}")]
    public static partial void ServerSurveyed(this GuardedLogger logger, LogLevel level, string server, string meaning);

    [LoggerMessage(EventIds.HistoryReplaced, LogLevel.Warning,
        "Redis at {Server}, log {Log}: The key {Key} held a {Found}, which the log did not write. A new generation was begun, so every node resets. Something else writes to the keys of the log: give it another prefix.")]
    public static partial void HistoryReplaced(this GuardedLogger logger, string server, string log, string key, string found);

    [LoggerMessage(EventIds.ForeignKeyRemoved, LogLevel.Warning,
        "Redis at {Server}, log {Log}: The key {Key} held a {Found}, which the log did not write. It was removed. Something else writes to the keys of the log: give it another prefix.")]
    public static partial void ForeignKeyRemoved(this GuardedLogger logger, string server, string log, string key, string found);

    [LoggerMessage(EventIds.FewThreads, LogLevel.Warning,
        "Redis at {Server}: the servers are found through a Sentinel, and the thread pool begins with {Threads} threads. StackExchange.Redis blocks threads while it follows a failover, and with so few the whole process stands still for seconds. Call ThreadPool.SetMinThreads(16, 16) at the start.")]
    public static partial void FewThreads(this GuardedLogger logger, string server, int threads);

    [LoggerMessage(EventIds.OtherPartitionCount, LogLevel.Error,
        "Log {Log}: the server holds it in {Stored} partitions, and this process was started with {Own}. Nothing of it is trusted here and invalidations wait in the queue until RedisOptions.Partitions is the number of the server, or the log is gone from it.")]
    public static partial void OtherPartitionCount(this GuardedLogger logger, string log, int stored, int own);

    [LoggerMessage(EventIds.RecordUnreadable, LogLevel.Warning,
        "Log {Log}: a record is of a form or kind that is unknown here, and counts as everything. A newer version may write to this log. The next ones are not reported.")]
    public static partial void RecordUnreadable(this GuardedLogger logger, string log);

    [LoggerMessage(EventIds.PushUnreadable, LogLevel.Warning,
        "Log {Log}: something else than records was published on its channel. The log is read instead. The next ones are not reported.")]
    public static partial void PushUnreadable(this GuardedLogger logger, string log);

    [LoggerMessage(EventIds.ValueUnreadable, LogLevel.Warning,
        "Cache {Cache}: a stored value cannot be read ({Reason}) and counts as missing. Something else, or a newer version, may write to its keys. The next ones for this reason are not reported.")]
    public static partial void ValueUnreadable(this GuardedLogger logger, string cache, string reason);

    [LoggerMessage(EventIds.Swept, LogLevel.Debug, "Log {Log}: a sweep removed {Keys} values of {Visited} in {Milliseconds} ms.")]
    public static partial void Swept(this GuardedLogger logger, string log, long keys, long visited, long milliseconds);

    [LoggerMessage(EventIds.SweepRefused, LogLevel.Warning,
        "Log {Log}: the server refused a sweep. It is tried again, and until one is done this is not said again. Patterns stay in force meanwhile, and more than 64 of them become everything.")]
    public static partial void SweepRefused(this GuardedLogger logger, Exception exception, string log);

    [LoggerMessage(EventIds.SweepFailed, LogLevel.Debug, "Log {Log}: a sweep was not ended. It is tried again, here or by another node.")]
    public static partial void SweepFailed(this GuardedLogger logger, Exception exception, string log);

    [LoggerMessage(EventIds.WorkFailed, LogLevel.Error, "{Queue}: the work on what was received failed. It goes on with what comes next.")]
    public static partial void WorkFailed(this GuardedLogger logger, Exception exception, string queue);

    [LoggerMessage(EventIds.NotPublished, LogLevel.Warning, "{Reason} Those who hold what it was about keep it until it expires. The next failures in a row are counted, not reported.")]
    public static partial void NotPublished(this GuardedLogger logger, string reason);

    [LoggerMessage(EventIds.MessageRejected, LogLevel.Warning,
        "Channel {Channel}: something was published there that is no invalidation message ({Reason}). It is left out; the next ones are counted, not reported.")]
    public static partial void MessageRejected(this GuardedLogger logger, string channel, string reason);

    [LoggerMessage(EventIds.CallbackFailed, LogLevel.Error, "Channel {Channel}: the callback failed over a message, and goes on with the next. Failures in a row are reported once.")]
    public static partial void CallbackFailed(this GuardedLogger logger, Exception exception, string channel);

    [LoggerMessage(EventIds.GapCallbackFailed, LogLevel.Error, "Channel {Channel}: the callback for missed messages failed. It is called again.")]
    public static partial void GapCallbackFailed(this GuardedLogger logger, Exception exception, string channel);

    [LoggerMessage(EventIds.ChannelGap, LogLevel.Warning, "Channel {Channel}: messages may have been missed, and what they would have taken must be forgotten.")]
    public static partial void ChannelGap(this GuardedLogger logger, string channel);

    [LoggerMessage(EventIds.ChannelOverflowed, LogLevel.Warning, "Channel {Channel}: messages come faster than they are handled, and some were dropped.")]
    public static partial void ChannelOverflowed(this GuardedLogger logger, string channel);

    [LoggerMessage(EventIds.EverythingRefused, LogLevel.Warning,
        "Channel {Channel}: the pattern of a message begins with a wildcard or is too long, which comes to everything, and AcceptEverything is false. It is left out; the next ones are counted, not reported.")]
    public static partial void EverythingRefused(this GuardedLogger logger, string channel);

    [LoggerMessage(EventIds.NameRefused, LogLevel.Warning,
        "Channel {Channel}: a message names keys outside of the prefixes that Accept and AcceptFrom list for its service. They are left out; the next ones are counted, not reported.")]
    public static partial void NameRefused(this GuardedLogger logger, string channel);

    [LoggerMessage(EventIds.PatternsCollapsed, LogLevel.Warning,
        "Channel {Channel}: patterns of a service come faster than they can be swept, and their prefixes are invalidated instead. The next ones are counted, not reported.")]
    public static partial void PatternsCollapsed(this GuardedLogger logger, string channel);

    [LoggerMessage(EventIds.HeardNotAppended, LogLevel.Warning, "Log {Log}: what was heard over a channel could not be written and is tried again. {Reason}")]
    public static partial void HeardNotAppended(this GuardedLogger logger, string log, string reason);

    [LoggerMessage(EventIds.KeyInvalidated, LogLevel.Information, "A message invalidated {cache_key}.")]
    public static partial void KeyInvalidated(this GuardedLogger logger, string cache_key);

    [LoggerMessage(EventIds.PatternInvalidated, LogLevel.Information, "A message invalidated what {pattern} matches.")]
    public static partial void PatternInvalidated(this GuardedLogger logger, string? pattern);

    [LoggerMessage(EventIds.BatchInvalidated, LogLevel.Information, "A message invalidated {batch_size} keys.")]
    public static partial void BatchInvalidated(this GuardedLogger logger, int batch_size);
}
