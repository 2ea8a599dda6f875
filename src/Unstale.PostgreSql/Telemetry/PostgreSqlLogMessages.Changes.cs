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
}
