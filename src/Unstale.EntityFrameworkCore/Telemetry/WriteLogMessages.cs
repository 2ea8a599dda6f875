using Microsoft.Extensions.Logging;
using Unstale.Boundary;

namespace Unstale.EntityFrameworkCore.Telemetry;

/// <summary>Log messages of writes. Values are not logged.</summary>
internal static partial class WriteLogMessages
{
    [LoggerMessage(EventIds.OldValuesUnknown, LogLevel.Information, "{Type}: updates and deletes invalidate more than necessary, because the old values of the row are unknown. Add a row version, such as builder.Property(e => e.Version).IsRowVersion(), or call UseUnstale(o => o.ReadOldValues()). Logged once for each type.")]
    public static partial void OldValuesUnknown(this GuardedLogger logger, string type);

    [LoggerMessage(EventIds.EntriesUnreadable, LogLevel.Error, "The saved entities could not be read as changed rows. All values that depend on their tables are invalidated.")]
    public static partial void EntriesUnreadable(this GuardedLogger logger, Exception exception);
}
