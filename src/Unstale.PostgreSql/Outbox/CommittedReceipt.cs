namespace Unstale.PostgreSql.Outbox;

/// <summary>Raises changes that are committed already.</summary>
internal static class CommittedReceipt
{
    /// <summary>
    /// Returns the receipt of the changes. While the log cannot be reached, the receipt is queued, whatever <see cref="InvalidationLogOptions.WhenUnavailable"/>
    /// is: to the caller, an exception would look like a failed commit.
    /// </summary>
    public static async Task<InvalidationReceipt> RaiseAsync(UnstaleCache cache, IReadOnlyList<Change> changes)
    {
        try
        {
            return await cache.CommittedAsync(changes, CancellationToken.None).ConfigureAwait(false);
        }
        catch (InvalidationLogUnavailableException away)
        {
            return away.Receipt;
        }
    }
}
