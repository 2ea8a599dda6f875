using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Horizon;
using Unstale.Log;
using Unstale.Remote;
using Unstale.Store;
using Unstale.Telemetry;

namespace Unstale;

/// <content>Setting and removing.</content>
public sealed partial class UnstaleCache
{
    /// <inheritdoc/>
    /// <remarks>
    /// Invalidates the key everywhere and keeps the value as of that record: of two that set, the later in the log wins on every node.
    /// Where the value may not be kept any more (one of its tags was invalidated meanwhile), it only invalidates. So it does inside an
    /// <see cref="InvalidationScope"/> or a <see cref="System.Transactions.TransactionScope"/>, when that ends well: the value may never be committed.
    /// </remarks>
    public override ValueTask SetAsync<T>(
        string key, T value, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        CacheNames.CheckKey(key, _options.MaximumKeyLength);
        var life = options is null ? _policy.Of(key, (UnstaleEntryOptions?)null) : _policy.Of(key, options);
        return SetAsync(key, value, life, CacheNames.Tags(tags, _options.MaximumKeyLength), cancellationToken);
    }

    /// <inheritdoc cref="SetAsync{T}(string, T, HybridCacheEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask SetAsync<T>(
        string key, T value, UnstaleEntryOptions? options, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        CacheNames.CheckKey(key, _options.MaximumKeyLength);
        return SetAsync(key, value, _policy.Of(key, options), CacheNames.Tags(tags, _options.MaximumKeyLength), cancellationToken);
    }

    /// <inheritdoc/>
    public override async ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default) =>
        await Invalidator.InvalidateKeyAsync(key, reason: null, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <remarks>All of them are one record; beyond 500 names or 16 KB of them, several in a row, which hold together once this returns.</remarks>
    public override async ValueTask RemoveAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        string[] all = [.. keys];
        if (all.Length > 0)
            await Invalidator.InvalidateAsync(keys: all, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>The tag <c>*</c> is everything.</remarks>
    public override async ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default) =>
        await Invalidator.InvalidateTagAsync(tag, reason: null, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <remarks>All of them are one record; beyond 500 names or 16 KB of them, several in a row, which hold together once this returns.</remarks>
    public override async ValueTask RemoveByTagAsync(IEnumerable<string> tags, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tags);
        string[] all = [.. tags];
        if (all.Length > 0)
            await Invalidator.InvalidateAsync(tags: all, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    private ValueTask SetAsync<T>(string key, T value, EntryLife life, string[] tags, CancellationToken cancellationToken)
    {
        if (_invalidator.CollectedSet(key))
            return default;
        return _invalidator.DependentsOf(key) is { } dependents
            ? SetWithAsync(dependents, key, value, life, tags, cancellationToken)
            : SetOneAsync(key, value, life, tags, cancellationToken);
    }

    /// <summary>
    /// What depends on the key goes first: a key that depends on itself by a detour would otherwise not be kept. One that is filled anew in
    /// between carries the mark of the key, which is raised then.
    /// </summary>
    private async ValueTask SetWithAsync<T>(
        Invalidation dependents, string key, T value, EntryLife life, string[] tags, CancellationToken cancellationToken)
    {
        var raised = _node.RaiseAsync(dependents with { Reason = "set" }, cancellationToken).AsTask();
        await Task.WhenAll(raised, SetOneAsync(key, value, life, tags, cancellationToken).AsTask()).ConfigureAwait(false);
        _invalidator.ReceiptOf(await raised.ConfigureAwait(false));
    }

    private async ValueTask SetOneAsync<T>(string key, T value, EntryLife life, string[] tags, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_lifetime.IsCancellationRequested, this);
        cancellationToken.ThrowIfCancellationRequested();
        if (_context.DeclaredOf is { } declaredOf)
            tags = Loader.WithoutMarkOf(key, Loader.UnionOf(tags, declaredOf(key)));
        var record = _node.NewRecord(InvalidationTarget.ForKey(key), "set");
        var payload = _context.PayloadOf(value, UsesRemote(life), out var isTooLarge);
        var asked = _node.Ask();
        if (isTooLarge)
        {
            _invalidator.ReceiptOf(await _node.RaiseAsync(record, cancellationToken).ConfigureAwait(false));
            return;
        }

        var operation = UsesRemote(life)
            ? await SetRemoteAsync(key, payload!, life, tags, record, asked, cancellationToken).ConfigureAwait(false)
            : (await _node.RaiseAsync(record, cancellationToken).ConfigureAwait(false), IsWritten: true);
        _invalidator.ReceiptOf(operation.Item1);
        if (operation is ({ IsApplied: true } applied, true))
            KeepSet(key, value, payload, tags, applied.Position.Sequence, asked, life);
    }

    private bool UsesRemote(in EntryLife life) =>
        _context.Remote is not null && !life.Skips(HybridCacheEntryFlags.DisableDistributedCacheWrite) && life.Expiration > 0;

    /// <summary>
    /// One step on the server, sent once: if its outcome is unknown, or the node may not send it, only the record is appended (again).
    /// </summary>
    private async ValueTask<(Operation Operation, bool IsWritten)> SetRemoteAsync(
        string key, byte[] payload, EntryLife life, string[] tags, InvalidationRecord record, AskedAt asked, CancellationToken cancellationToken)
    {
        if (!asked.IsReady || !_view.IsTrusted(asked.Time))
            return (await _node.RaiseAsync(record, cancellationToken).ConfigureAwait(false), false);
        var operation = _node.Begin(record);
        var value = new RemoteValue(
            payload, asked.Cursor, tags, TimeSpan.FromMilliseconds(life.Expiration), !life.Skips(HybridCacheEntryFlags.DisableCompression));
        var sending = SendSetAsync(operation, key, value, asked);
        await _node.WaitAsync(operation, cancellationToken).ConfigureAwait(false);
        return (operation, operation.IsApplied && await sending.ConfigureAwait(false));
    }

    /// <summary>True if the record was appended and the value written in the same step.</summary>
    private async Task<bool> SendSetAsync(Operation operation, string key, RemoteValue value, AskedAt asked)
    {
        try
        {
            var connection = _node.Connection;
            var reply = await _context.Remote!.SetAsync(
                _node.Horizon.Partition, operation.Record, asked.Generation, key, value, CancellationToken.None).ConfigureAwait(false);
            if (connection == _node.Connection)
                return _node.Acknowledge(operation, reply.Append, asked) && reply.Written;
        }
        catch (Exception exception)
        {
            _context.RemoteFailed(exception);
        }

        _node.Requeue(operation);
        return false;
    }

    private void KeepSet<T>(string key, T value, byte[]? payload, string[] tags, long sequence, in AskedAt asked, in EntryLife life)
    {
        if (life.LocalExpiration <= 0 || life.Skips(HybridCacheEntryFlags.DisableLocalCacheWrite))
            return;
        var horizon = _node.Horizon;
        lock (horizon.Gate)
        {
            var set = horizon.Tags.Hold(tags);
            if (_view.IsTrusted(_clock.Now) && horizon.MaySet(key, set, sequence, asked))
                _loader.Put_NeedsLock(FillIdentity.Of<T>(key, life), value, payload, set, sequence, life);
            else
                horizon.Tags.Release(set);
        }
    }
}
