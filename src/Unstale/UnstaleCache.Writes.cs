using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Horizon;
using Unstale.Log;
using Unstale.Partitions;
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
    /// Where something fails before the record is appended (options or a tag that are refused, a value that cannot be written, a list of tags that
    /// throws, a cancelled token), the key is invalidated first and the failure is thrown then: the source was written, and the old value must not
    /// stay in force. A key that is refused and a disposed cache invalidate nothing.
    /// </remarks>
    public override ValueTask SetAsync<T>(
        string key, T value, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        CheckWrite(key);
        var life = options is null ? _policy.Of(key, (UnstaleEntryOptions?)null) : _policy.Of(key, options);
        return SetAsync(key, value, life, refusal: null, tags, cancellationToken);
    }

    /// <inheritdoc cref="SetAsync{T}(string, T, HybridCacheEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask SetAsync<T>(
        string key, T value, UnstaleEntryOptions? options, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        CheckWrite(key);
        return SetAsync(key, value, LifeOf(key, options, out var refusal), refusal, tags, cancellationToken);
    }

    /// <inheritdoc/>
    public override async ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default) =>
        await Invalidator.InvalidateKeyAsync(key, reason: null, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <remarks>
    /// All of them are one record; beyond 500 names or 16 KB of them, several in a row, which hold together once this returns. A key that is refused
    /// and a list that throws do not spare the others: the keys that were read are invalidated first, and the first failure is thrown then.
    /// </remarks>
    /// <exception cref="ArgumentException">A key is empty, too long, or holds half of a surrogate pair; the others are invalidated.</exception>
    public override ValueTask RemoveAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return _invalidator.RemoveKeysAsync(keys, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>The tag <c>*</c> is everything.</remarks>
    public override async ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default) =>
        await Invalidator.InvalidateTagAsync(tag, reason: null, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <remarks>
    /// All of them are one record; beyond 500 names or 16 KB of them, several in a row, which hold together once this returns. A tag that is refused
    /// and a list that throws do not spare the others: the tags that were read are invalidated first, and the first failure is thrown then.
    /// </remarks>
    /// <exception cref="ArgumentException">A tag is empty, too long, or holds half of a surrogate pair; the others are invalidated.</exception>
    public override ValueTask RemoveByTagAsync(IEnumerable<string> tags, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tags);
        return _invalidator.RemoveTagsAsync(tags, cancellationToken);
    }

    /// <summary>
    /// Says that the source was written, and hands over what was written. Invalidates the key everywhere; the value is kept as of that record
    /// if its version is the newest, in whichever order the writers arrive, on this node and on all others. Call it after the commit.
    /// </summary>
    /// <remarks>
    /// <para>The order holds among those who tell versions: every write of what the value is made from has to, by this method or by
    /// <see cref="InvalidateBelowAsync"/>. Neither an invalidation nor <see cref="SetAsync{T}(string, T, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    /// resets what is known of a version.</para>
    /// <para>Versions are known for at least ten minutes; a writer that is later than that is not recognised. Where they are not known (a new generation
    /// of the log, an "everything", more than a million of them), the value is not kept: <see cref="WriteThroughOutcome.Invalidated"/>. So it is
    /// where the outcome is unknown, the log is away or not trusted, or the log is shared and the value goes to no second level.</para>
    /// <para>Inside an open <see cref="InvalidationScope"/> or transaction it is an invalidation at its end that tells of no version.</para>
    /// <para>Where something fails before the record is appended (no version, options or a tag that are refused, a value that cannot be written, a list
    /// of tags that throws, a cancelled token), the key is invalidated first and the failure is thrown then. A key that is refused and a disposed cache
    /// invalidate nothing.</para>
    /// </remarks>
    /// <param name="key">The key.</param>
    /// <param name="value">The value, as the commit left it.</param>
    /// <param name="version">The version that the commit gave it.</param>
    /// <param name="options">How the entry is to live.</param>
    /// <param name="tags">Its tags.</param>
    /// <param name="cancellationToken">Ends the waiting, not the write.</param>
    /// <exception cref="ArgumentException">The key is refused, and nothing is invalidated; or the options or a tag are, and the key is invalidated all the same.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no version; the key is invalidated all the same.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed; nothing is invalidated.</exception>
    public async ValueTask<WriteThroughResult> WriteThroughAsync<T>(
        string key,
        T value,
        SourceVersion version,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        CheckWrite(key);
        var life = LifeOf(key, options, out var refusal);
        if (_invalidator.CollectedWrite(key) is { } collected)
        {
            refusal?.Throw();
            Check(version, cancellationToken);
            _ = CacheNames.Tags(tags, _options.MaximumKeyLength);
            return new(WriteThroughOutcome.Invalidated, collected);
        }

        var prepared = refusal is null ? Prepare(key, value, version, life, tags, cancellationToken) : PreparedWrite.Refused(refusal);
        var part = PartOf(key);
        var record = RecordOf(part, key, version, hasValue: prepared.Failure is null);
        var dependents = RaiseDependentsAsync(key, cancellationToken);
        var writing = part.Writer.WriteAsync(key, value, life, prepared, record, cancellationToken).AsTask();
        await Task.WhenAll(dependents, writing).ConfigureAwait(false);
        var operation = await writing.ConfigureAwait(false);
        var receipt = _invalidator.ReceiptOf(operation.Operation);
        return new(
            receipt.State == ReceiptState.Superseded ? WriteThroughOutcome.Superseded
            : operation.IsKept ? WriteThroughOutcome.Stored
            : WriteThroughOutcome.Invalidated,
            receipt);
    }

    /// <summary>
    /// A write-through without a version only invalidates the key: of two writers nobody could say whose value is the newer one, as they may
    /// come here in another order than to the source. The next read loads the value.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value; it is not kept.</param>
    /// <param name="cancellationToken">Ends the waiting, not the invalidation.</param>
    public async ValueTask<WriteThroughResult> WriteThroughAsync<T>(string key, T value, CancellationToken cancellationToken = default)
    {
        _ = value;
        return new(WriteThroughOutcome.Invalidated, await Invalidator.InvalidateKeyAsync(key, "write-through", cancellationToken).ConfigureAwait(false));
    }

    /// <summary>
    /// Says that the source was written, without the value: invalidates the key everywhere, and no value of this version or an older one is
    /// written through any more. For writers that do not have what is cached, and for a delete.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="version">The version that the commit gave what is cached under the key; of a delete, the last one.</param>
    /// <param name="cancellationToken">Ends the waiting, not the invalidation.</param>
    /// <exception cref="ArgumentException">The key is empty, too long, or holds half of a surrogate pair; nothing is invalidated.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no version; the key is invalidated all the same.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed; nothing is invalidated.</exception>
    public async ValueTask<InvalidationReceipt> InvalidateBelowAsync(string key, SourceVersion version, CancellationToken cancellationToken = default)
    {
        CheckWrite(key);
        if (_invalidator.CollectedWrite(key) is { } collected)
        {
            Check(version, cancellationToken);
            return collected;
        }

        var dependents = RaiseDependentsAsync(key, cancellationToken);
        var part = PartOf(key);
        var raising = part.Node.RaiseAsync(RecordOf(part, key, version, hasValue: false), cancellationToken).AsTask();
        await Task.WhenAll(dependents, raising).ConfigureAwait(false);
        Check(version, cancellationToken);
        return _invalidator.ReceiptOf(await raising.ConfigureAwait(false));
    }

    private async Task RaiseDependentsAsync(string key, CancellationToken cancellationToken)
    {
        if (_invalidator.DependentsOf(key) is { } dependents)
            _invalidator.ReceiptOf(await _log.RaiseAsync(dependents with { Reason = "write-through" }, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>A record that names no version where there is none: the key goes all the same.</summary>
    private InvalidationRecord RecordOf(CachePartition part, string key, SourceVersion version, bool hasValue) => version.Value < 1
        ? part.Node.NewRecord(InvalidationTarget.ForKey(key), "write-through")
        : part.Node.NewRecord(key, new KeyVersion(Name, version.Value) { HasValue = hasValue }, "write-through");

    private static void Check(SourceVersion version, CancellationToken cancellationToken)
    {
        if (version.Value < 1)
            throw Errors.VersionRange(version.Value);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Tries everything of a write that may fail before its record is appended. A failure is held, and thrown after the record.</summary>
    private PreparedWrite Prepare<T>(
        string key, T value, SourceVersion? version, in EntryLife life, IEnumerable<string>? tags, CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (version is { } told)
                Check(told, cancellationToken);
            var names = CacheNames.Tags(tags, _options.MaximumKeyLength);
            if (_context.DeclaredOf is { } declaredOf)
                names = Loader.WithoutMarkOf(key, Loader.UnionOf(names, declaredOf(key)));
            var part = PartOf(key);
            var payload = part.Context.PayloadOf(value, part.Writer.UsesRemote(life), out var isTooLarge);
            return new PreparedWrite(names, payload) { MayKeep = !isTooLarge };
        }
        catch (Exception exception)
        {
            return new PreparedWrite([], null) { Failure = ExceptionDispatchInfo.Capture(exception) };
        }
    }

    /// <summary>A write that can name no key, or of a cache that is disposed, invalidates nothing.</summary>
    private void CheckWrite(string key)
    {
        CacheNames.CheckKey(key, _options.MaximumKeyLength);
        ObjectDisposedException.ThrowIf(_lifetime.IsCancellationRequested, this);
    }

    /// <summary>Weighs the options of a write. A refusal is held, and thrown once the key is invalidated.</summary>
    private EntryLife LifeOf(string key, UnstaleEntryOptions? options, out ExceptionDispatchInfo? refusal)
    {
        refusal = null;
        try
        {
            return _policy.Of(key, options);
        }
        catch (ArgumentException refused)
        {
            refusal = ExceptionDispatchInfo.Capture(refused);
            return default;
        }
    }

    private ValueTask SetAsync<T>(
        string key, T value, EntryLife life, ExceptionDispatchInfo? refusal, IEnumerable<string>? tags, CancellationToken cancellationToken)
    {
        if (_invalidator.CollectedSet(key))
        {
            refusal?.Throw();
            _ = CacheNames.Tags(tags, _options.MaximumKeyLength);
            return default;
        }

        var prepared = refusal is null ? Prepare(key, value, version: null, life, tags, cancellationToken) : PreparedWrite.Refused(refusal);
        return _invalidator.DependentsOf(key) is { } dependents
            ? SetWithAsync(dependents, key, value, life, prepared, cancellationToken)
            : SetOneAsync(key, value, life, prepared, cancellationToken);
    }

    /// <summary>
    /// What depends on the key goes first: a key that depends on itself by a detour would otherwise not be kept. One that is filled anew in
    /// between carries the mark of the key, which is raised then.
    /// </summary>
    private async ValueTask SetWithAsync<T>(
        Invalidation dependents, string key, T value, EntryLife life, PreparedWrite prepared, CancellationToken cancellationToken)
    {
        var raised = _log.RaiseAsync(dependents with { Reason = "set" }, cancellationToken).AsTask();
        await Task.WhenAll(raised, SetOneAsync(key, value, life, prepared, cancellationToken).AsTask()).ConfigureAwait(false);
        _invalidator.ReceiptOf(await raised.ConfigureAwait(false));
    }

    private async ValueTask SetOneAsync<T>(string key, T value, EntryLife life, PreparedWrite prepared, CancellationToken cancellationToken)
    {
        var part = PartOf(key);
        var record = part.Node.NewRecord(InvalidationTarget.ForKey(key), "set");
        var set = await part.Writer.WriteAsync(key, value, life, prepared, record, cancellationToken).ConfigureAwait(false);
        _invalidator.ReceiptOf(set.Operation);
    }
}
