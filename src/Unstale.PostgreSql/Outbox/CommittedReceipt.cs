namespace Unstale.PostgreSql.Outbox;

/// <summary>Raises changes that are committed already.</summary>
internal static class CommittedReceipt
{
    /// <summary>
    /// Returns the receipt of the changes. While the log cannot be reached, the receipt is queued, whatever <see cref="InvalidationLogOptions.WhenUnavailable"/>
    /// is: to the caller, an exception would look like a failed commit.
    /// </summary>
    public static Task<InvalidationReceipt> RaiseAsync(UnstaleCache cache, IReadOnlyList<Change> changes) =>
        ReceiptAsync(() => cache.CommittedAsync(changes, CancellationToken.None));

    /// <inheritdoc cref="RaiseAsync"/>
    public static Task<InvalidationReceipt> EverythingAsync(UnstaleCache cache, string reason) =>
        ReceiptAsync(() => cache.Invalidator.InvalidateEverythingAsync(reason, CancellationToken.None));

    private static async Task<InvalidationReceipt> ReceiptAsync(Func<ValueTask<InvalidationReceipt>> raise)
    {
        try
        {
            return await raise().ConfigureAwait(false);
        }
        catch (InvalidationLogUnavailableException away)
        {
            return away.Receipt;
        }
    }
}
