using Unstale.PostgreSql.Outbox;

namespace Unstale.PostgreSql.Capture;

/// <summary>
/// Creates the slot, and again one that the server has dropped. Changes before a slot are in no log, so everything is invalidated between the creation under
/// a temporary name and the use: a process that ends in between leaves only the temporary slot, and the next attempt begins again.
/// </summary>
internal sealed class SlotSetup(UnstaleCache cache, CaptureConnections connections, ChangeCaptureOptions options)
{
    private string Temporary => $"{options.Slot}_new";

    /// <summary>Creates the slot if it is missing or lost. Returns whether it was created.</summary>
    /// <exception cref="InvalidOperationException">The slot belongs to another database or plugin.</exception>
    public async Task<bool> EnsureAsync(CancellationToken cancellationToken)
    {
        var connection = await connections.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var owned = connection.ConfigureAwait(false);
        var state = await CaptureCatalog.SlotAsync(connection, options.Slot, cancellationToken).ConfigureAwait(false);
        if (state is { IsOurs: false })
            throw Errors.OtherSlot(options.Slot);
        if (state is { IsLost: false })
            return false;

        await connection.ExecuteAsync("SELECT pg_advisory_lock(hashtextextended($1, 0))", cancellationToken, options.Slot).ConfigureAwait(false);
        try
        {
            // Another process may have created the slot meanwhile.
            if (await CaptureCatalog.SlotAsync(connection, options.Slot, cancellationToken).ConfigureAwait(false) is { IsLost: false })
                return false;
            await CaptureCatalog.DropSlotAsync(connection, options.Slot, cancellationToken).ConfigureAwait(false);
            await CaptureCatalog.DropSlotAsync(connection, Temporary, cancellationToken).ConfigureAwait(false);
            await CaptureCatalog.CreateSlotAsync(connection, Temporary, cancellationToken).ConfigureAwait(false);
            options.Reached?.Invoke(CaptureStep.SlotCreated);
            await InvalidateAsync(cancellationToken).ConfigureAwait(false);
            options.Reached?.Invoke(CaptureStep.SlotInvalidated);
            await CaptureCatalog.CopySlotAsync(connection, Temporary, options.Slot, cancellationToken).ConfigureAwait(false);
            await CaptureCatalog.DropSlotAsync(connection, Temporary, cancellationToken).ConfigureAwait(false);
            return true;
        }
        finally
        {
            await connection.ExecuteAsync("SELECT pg_advisory_unlock(hashtextextended($1, 0))", CancellationToken.None, options.Slot).ConfigureAwait(false);
        }
    }

    /// <summary>Drops the slot, and a temporary one.</summary>
    public async Task DropAsync(CancellationToken cancellationToken)
    {
        var connection = await connections.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var owned = connection.ConfigureAwait(false);
        if (await CaptureCatalog.SlotAsync(connection, options.Slot, cancellationToken).ConfigureAwait(false) is { IsActive: true })
            throw Errors.SlotInUse(options.Slot);
        await CaptureCatalog.DropSlotAsync(connection, options.Slot, cancellationToken).ConfigureAwait(false);
        await CaptureCatalog.DropSlotAsync(connection, Temporary, cancellationToken).ConfigureAwait(false);
        await connection.ExecuteAsync($"DROP PUBLICATION IF EXISTS {options.Publication}", cancellationToken).ConfigureAwait(false);
    }

    private async Task InvalidateAsync(CancellationToken cancellationToken)
    {
        var receipt = await CommittedReceipt.EverythingAsync(cache, "change capture begins, and earlier changes are unknown").ConfigureAwait(false);
        await receipt.AppliedAsync(cancellationToken).ConfigureAwait(false);
    }
}
