using Unstale.Log;

namespace Unstale.Tests.Support;

/// <summary>Appends of one record.</summary>
internal static class SingleAppends
{
    public static ValueTask<AppendReply> AppendAsync(this ILogSession session, int partition, InvalidationRecord record, CancellationToken cancellationToken) =>
        session.AppendAsync(partition, new[] { record }, cancellationToken);
}
