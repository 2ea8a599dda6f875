using Microsoft.Extensions.Logging;

namespace Unstale.EntityFrameworkCore.Writes;

/// <summary>Log messages about writes. Values are not logged.</summary>
internal static partial class WriteMessages
{
    [LoggerMessage(110, LogLevel.Information, "{Type}: updates and deletes invalidate more than necessary, because the old values of the row are unknown. Add a row version, such as builder.Property(e => e.Version).IsRowVersion(). Logged once for each type.")]
    public static partial void OldValuesUnknown(this ILogger logger, string type);

    [LoggerMessage(111, LogLevel.Error, "The saved entities could not be read as changed rows. All values that depend on their tables are invalidated.")]
    public static partial void EntriesUnreadable(this ILogger logger, Exception exception);
}
