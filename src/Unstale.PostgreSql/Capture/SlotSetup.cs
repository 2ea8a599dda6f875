using System.Data;
using Npgsql;
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
        return !await ExistsAsync(connection, cancellationToken).ConfigureAwait(false)
            && await AloneAsync(connection, () => CreateAsync(connection, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Publishes tables and creates the slot again. Changes of a table before its publication are in no slot, and transactions that are open meanwhile may
    /// have written them, so the old slot is dropped first: a new one begins after all open transactions have ended.
    /// </summary>
    public async Task PublishAsync(CancellationToken cancellationToken)
    {
        var connection = await connections.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var owned = connection.ConfigureAwait(false);
        await ExistsAsync(connection, cancellationToken).ConfigureAwait(false);
        await AloneAsync(connection, RepeatAsync, cancellationToken).ConfigureAwait(false);

        async Task<bool> RepeatAsync()
        {
            await CaptureCatalog.EndReaderAsync(connection, options.Slot, cancellationToken).ConfigureAwait(false);
            await CaptureCatalog.DropSlotAsync(connection, options.Slot, cancellationToken).ConfigureAwait(false);
            await CaptureCatalog.PublishAsync(connection, options.Publication, options.Tables, cancellationToken).ConfigureAwait(false);
            return await CreateAsync(connection, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Returns whether the slot exists and has its history.</summary>
    private async Task<bool> ExistsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var state = await CaptureCatalog.SlotAsync(connection, options.Slot, cancellationToken).ConfigureAwait(false);
        return state is { IsOurs: false } ? throw Errors.OtherSlot(options.Slot) : state is { IsLost: false };
    }

    /// <summary>Does work under a lock of the server, so that two processes do not create the slot at once.</summary>
    private async Task<bool> AloneAsync(NpgsqlConnection connection, Func<Task<bool>> work, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync("SELECT pg_advisory_lock(hashtextextended($1, 0))", cancellationToken, options.Slot).ConfigureAwait(false);
        try
        {
            return await work().ConfigureAwait(false);
        }
        finally
        {
            if (connection.State == ConnectionState.Open)
                await connection.ExecuteAsync("SELECT pg_advisory_unlock(hashtextextended($1, 0))", CancellationToken.None, options.Slot).ConfigureAwait(false);
        }
    }

    private async Task<bool> CreateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (await ExistsAsync(connection, cancellationToken).ConfigureAwait(false))
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
