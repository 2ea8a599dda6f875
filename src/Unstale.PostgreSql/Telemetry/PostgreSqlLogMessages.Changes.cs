using Microsoft.Extensions.Logging;
using Unstale.Boundary;

namespace Unstale.PostgreSql.Telemetry;

/// <content>Outbox and change capture.</content>
internal static partial class PostgreSqlLogMessages
{
    [LoggerMessage(EventIds.OutboxFailed, LogLevel.Warning,
        "Cache {Cache}: rows of the outbox could not be sent, which is tried again. Changes of processes that ended stay uninvalidated until then. {Reason}")]
    public static partial void OutboxFailed(this GuardedLogger logger, Exception exception, string cache, string reason);

    [LoggerMessage(EventIds.OutboxRowUnreadable, LogLevel.Error,
        "Cache {Cache}: row {Id} of the outbox cannot be read, so everything was invalidated. The row remains with its failure until Retention has passed. {Failure}")]
    public static partial void OutboxRowUnreadable(this GuardedLogger logger, string cache, long id, string failure);

    [LoggerMessage(EventIds.OutboxSentAgain, LogLevel.Information,
        "Cache {Cache}: {Count} rows of the outbox were sent again, because the log has begun a new generation.")]
    public static partial void OutboxSentAgain(this GuardedLogger logger, string cache, int count);

    [LoggerMessage(EventIds.CaptureFailed, LogLevel.Warning,
        "Cache {Cache}: captured changes cannot be read, which is tried again; each reason is logged once. After MaximumLag, cached values are not trusted. {Reason}")]
    public static partial void CaptureFailed(this GuardedLogger logger, Exception exception, string cache, string reason);

    [LoggerMessage(EventIds.CaptureReads, LogLevel.Information, "Cache {Cache}: this process reads the replication slot {Slot}.")]
    public static partial void CaptureReads(this GuardedLogger logger, string cache, string slot);

    [LoggerMessage(EventIds.SlotCreated, LogLevel.Warning, "Cache {Cache}: the replication slot {Slot} was missing or lost. It was created again, and everything was invalidated.")]
    public static partial void SlotCreated(this GuardedLogger logger, string cache, string slot);

    [LoggerMessage(EventIds.CaptureLags, LogLevel.Warning,
        "Cache {Cache}: changes of the database have not been read for longer than MaximumLag ({Limit}). Cached values are not trusted until they have. {Reason}")]
    public static partial void CaptureLags(this GuardedLogger logger, string cache, TimeSpan limit, string reason);

    [LoggerMessage(EventIds.CaptureInTime, LogLevel.Information, "Cache {Cache}: the changes of the database are read in time again.")]
    public static partial void CaptureInTime(this GuardedLogger logger, string cache);
}
