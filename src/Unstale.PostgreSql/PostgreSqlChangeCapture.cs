using Npgsql;
using Unstale.PostgreSql.Capture;

namespace Unstale.PostgreSql;

/// <summary>
/// Change capture of one cache: changes that any program commits to the tables are read from the write-ahead log of PostgreSQL and invalidated. Obtain the
/// object from the container after <c>UsePostgreSqlChangeCapture</c>. Thread-safe.
/// </summary>
public sealed class PostgreSqlChangeCapture
{
    private readonly CaptureConnections _connections;
    private readonly SlotSetup _slot;
    private readonly ChangeCaptureOptions _options;

    internal PostgreSqlChangeCapture(CaptureConnections connections, SlotSetup slot, ChangeCaptureOptions options) =>
        (_connections, _slot, _options) = (connections, slot, options);

    /// <summary>
    /// Creates the publication with exactly the tables of the options, and the slot. A new slot invalidates everything, because earlier changes are unknown. May be
    /// called again, for example in each migration. A table that the publication lacks is added, for which the slot is created again.
    /// </summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Status after the call.</returns>
    /// <exception cref="InvalidOperationException">
    /// <c>wal_level</c> is not <c>logical</c>; a table does not exist or has no replica identity, so that a publication would make its updates fail; or the slot
    /// belongs to another database. The message contains the remedy, and nothing was created.
    /// </exception>
    /// <exception cref="NpgsqlException">The server cannot be reached, or refuses a statement.</exception>
    public async Task<ChangeCaptureStatus> SetupAsync(CancellationToken cancellationToken = default)
    {
        bool isPublished;
        var connection = await _connections.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            await CheckAsync(connection, cancellationToken).ConfigureAwait(false);
            var unpublished = await CaptureCatalog.UnpublishedAsync(connection, _options.Publication, _options.Tables, cancellationToken).ConfigureAwait(false);
            isPublished = unpublished.Count == 0;
            var published = await CaptureCatalog.PublishedAsync(connection, _options.Publication, cancellationToken).ConfigureAwait(false);
            if (isPublished && published.Count > _options.Tables.Count) // a reader would count changes of the other tables as everything
                await CaptureCatalog.PublishAsync(connection, _options.Publication, _options.Tables, cancellationToken).ConfigureAwait(false);
        }

        if (!isPublished)
            await _slot.PublishAsync(cancellationToken).ConfigureAwait(false);
        await _slot.EnsureAsync(cancellationToken).ConfigureAwait(false);
        return await GetStatusAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns the status of publication, slot and tables.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="NpgsqlException">The server cannot be reached.</exception>
    public async Task<ChangeCaptureStatus> GetStatusAsync(CancellationToken cancellationToken = default)
    {
        var connection = await _connections.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var owned = connection.ConfigureAwait(false);
        var slot = await CaptureCatalog.SlotAsync(connection, _options.Slot, cancellationToken).ConfigureAwait(false);
        var isPublished = await CaptureCatalog.HasPublicationAsync(connection, _options.Publication, cancellationToken).ConfigureAwait(false);
        var unpublished = await CaptureCatalog.UnpublishedAsync(connection, _options.Publication, _options.Tables, cancellationToken).ConfigureAwait(false);
        var kept = await connection.ScalarAsync<long>(
            "SELECT setting::bigint FROM pg_settings WHERE name = 'max_slot_wal_keep_size'", cancellationToken).ConfigureAwait(false);
        var warnings = new List<string>();
        if (kept < 0)
            warnings.Add(Errors.NoKeepSize);
        if (slot is { IsLost: true })
            warnings.Add(Errors.SlotLost(_options.Slot));
        warnings.AddRange(unpublished.Select(static table => Errors.Unpublished(table.Quoted)));
        foreach (var (table, identity) in await CaptureCatalog.IdentitiesAsync(connection, _options.Tables, cancellationToken).ConfigureAwait(false))
        {
            if (Errors.IdentityWarning(table.Quoted, identity) is { } warning)
                warnings.Add(warning);
        }

        return new()
        {
            IsSetUp = isPublished && unpublished.Count == 0 && slot is { IsOurs: true, IsLost: false },
            IsReading = slot is { IsActive: true },
            UnreadBytes = slot?.Unread,
            SlotState = slot?.WalStatus,
            MaximumRetainedBytes = kept < 0 ? null : kept * 1024 * 1024,
            Warnings = warnings,
        };
    }

    /// <summary>
    /// Drops slot and publication, so that the server retains nothing for a reader any longer. End all processes with change capture first, or remove it from
    /// them: their cached values are not trusted without a slot.
    /// </summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="InvalidOperationException">A process reads the slot.</exception>
    /// <exception cref="NpgsqlException">The server cannot be reached, or refuses a statement.</exception>
    public Task DropAsync(CancellationToken cancellationToken = default) => _slot.DropAsync(cancellationToken);

    private async Task CheckAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var level = await connection.ScalarAsync<string>("SHOW wal_level", cancellationToken).ConfigureAwait(false);
        if (level != "logical")
            throw Errors.WalLevel(level);
        foreach (var (table, identity) in await CaptureCatalog.IdentitiesAsync(connection, _options.Tables, cancellationToken).ConfigureAwait(false))
        {
            if (identity == '-')
                throw Errors.NoTable(table.Quoted);
            if (identity == 'n')
                throw Errors.NoIdentity(table.Quoted);
        }
    }
}
