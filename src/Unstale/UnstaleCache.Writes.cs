using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Loading;
using Unstale.Log;
using Unstale.Memory;
using Unstale.Partitions;
using Unstale.Values;
using Unstale.WriteThrough;

namespace Unstale;

/// <content>Writes and removals.</content>
public sealed partial class UnstaleCache
{
    /// <inheritdoc/>
    /// <remarks>
    /// <para>
    /// Invalidates the key on all nodes and stores the value as of the invalidation's record. Of two concurrent calls, the one with the later record
    /// in the log wins on all nodes.
    /// </para>
    /// <para>
    /// The call only invalidates the key if the value may no longer be stored, because one of its tags was invalidated meanwhile. Inside an
    /// <see cref="InvalidationScope"/> or a <see cref="System.Transactions.TransactionScope"/> the call also only invalidates the key, when the scope
    /// completes successfully: the value may never be committed.
    /// </para>
    /// <para>
    /// If a step fails before the record is appended (refused options, an empty tag, a value that cannot be serialized, a list of tags that throws, a
    /// cancelled token), the key is invalidated first and the exception is thrown afterwards. The source has been written, so the old value must not
    /// remain valid. A disposed cache invalidates nothing.
    /// </para>
    /// <para>
    /// A key or a tag that cannot be cached (too long, with an unpaired surrogate, an empty key) is no error: the key is invalidated, nothing is stored, and
    /// the call is counted in <see cref="CacheStatistics.Uncacheable"/>.
    /// </para>
    /// </remarks>
    public override ValueTask SetAsync<T>(
        string key, T value, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        if (IsUncacheable(key))
            return RemoveAsync(key, cancellationToken);
        var life = options is null ? _policy.Resolve<T>(key, (UnstaleEntryOptions?)null) : _policy.Resolve<T>(key, options);
        return SetAsync(key, value, life, refusal: null, tags, cancellationToken);
    }

    /// <inheritdoc cref="SetAsync{T}(string, T, HybridCacheEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask SetAsync<T>(
        string key, T value, UnstaleEntryOptions? options, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        if (IsUncacheable(key))
            return RemoveAsync(key, cancellationToken);
        return SetAsync(key, value, LifeOf<T>(key, options, out var refusal), refusal, tags, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>Does nothing for a key that no cache can have: empty, longer than 65,536 characters, or with an unpaired surrogate.</remarks>
    public override async ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default)
    {
        if (CacheNames.KeyRefusal(key, _options.MaximumKeyLength) is null)
            await Invalidator.InvalidateKeyAsync(key, reason: null, cancellationToken).ConfigureAwait(false);
        else
            await _invalidator.RemoveKeysAsync([key], cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// All keys form one record. More than 500 names, or more than 16 KB of names, form several consecutive records, all in effect when the call
    /// returns. Keys that no cache can have are skipped. If the collection throws, the keys read so far are invalidated first, and the exception is thrown
    /// afterwards. A null collection is an empty one.
    /// </remarks>
    public override ValueTask RemoveAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default) =>
        keys is null ? default : _invalidator.RemoveKeysAsync(keys, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>The tag <c>*</c> invalidates everything. Does nothing for a tag that no entry can have.</remarks>
    public override async ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default)
    {
        if (CacheNames.TagRefusal(tag, _options.MaximumKeyLength) is null)
            await Invalidator.InvalidateTagAsync(tag, reason: null, cancellationToken).ConfigureAwait(false);
        else
            await _invalidator.RemoveTagsAsync([tag], cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// All tags form one record. More than 500 names, or more than 16 KB of names, form several consecutive records, all in effect when the call
    /// returns. Tags that no entry can have are skipped. If the collection throws, the tags read so far are invalidated first, and the exception is thrown
    /// afterwards. A null collection is an empty one.
    /// </remarks>
    public override ValueTask RemoveByTagAsync(IEnumerable<string> tags, CancellationToken cancellationToken = default) =>
        tags is null ? default : _invalidator.RemoveTagsAsync(tags, cancellationToken);

    /// <summary>
    /// Invalidates a key on all nodes and stores the value just written to the source. Call the method after the commit. The value is stored only if
    /// its version is the newest, in whichever order concurrent writers call, on this node and on all others.
    /// </summary>
    /// <remarks>
    /// <para>
    /// The order is guaranteed only among writers that pass versions. Every write of the data behind the value must therefore use this method or
    /// <see cref="InvalidateUpToVersionAsync"/>. Neither an invalidation nor
    /// <see cref="SetAsync{T}(string, T, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/> resets the recorded version of a key.
    /// </para>
    /// <para>
    /// Versions are retained for at least 10 minutes; a writer later than that is not recognised. The key is invalidated and the value is not
    /// stored if versions are not available (a new generation of the log, an invalidation of everything, more
    /// than a million versions). The same applies if the result of the append is unknown, if the log is unavailable or not trusted, or if the log is
    /// shared and the value is not written to a second level.
    /// </para>
    /// <para>
    /// Inside an open <see cref="InvalidationScope"/> or transaction, the call only invalidates the key when the scope ends, and records no version.
    /// </para>
    /// <para>
    /// If a step fails before the record is appended (no version, refused options or tags, a value that cannot be serialized, a list of tags that
    /// throws, a cancelled token), the key is invalidated first and the exception is thrown afterwards. A refused key and a disposed cache invalidate
    /// nothing.
    /// </para>
    /// </remarks>
    /// <typeparam name="T">Type of the value.</typeparam>
    /// <param name="key">Key of the value.</param>
    /// <param name="value">Value as committed.</param>
    /// <param name="version">Version assigned by the commit.</param>
    /// <param name="options">Lifetime and other options of the entry. Default: null (options of the cache).</param>
    /// <param name="tags">Tags of the entry. Default: null (none).</param>
    /// <param name="cancellationToken">Cancels the wait. The write is not cancelled.</param>
    /// <returns>
    /// Receipt of the invalidation. <see cref="InvalidationReceipt.IsStored"/>: the value is stored as of that record.
    /// <see cref="ReceiptState.Superseded"/>: this version or a newer one was reported before, and nothing was changed. Otherwise the key was
    /// invalidated, and the next read loads the value.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The key is refused, and nothing is invalidated; or options or a tag are refused, and the key is invalidated nevertheless.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The version is missing. The key is invalidated nevertheless.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed. Nothing is invalidated.</exception>
    /// <exception cref="InvalidationLogUnavailableException">
    /// The log is unavailable, and <see cref="InvalidationLogOptions.WhenUnavailable"/> is <see cref="LogUnavailableBehavior.Throw"/>.
    /// </exception>
    public async ValueTask<InvalidationReceipt> WriteThroughAsync<T>(
        string key,
        T value,
        SourceVersion version,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        CheckWrite(key);
        var life = LifeOf<T>(key, options, out var refusal);
        if (_invalidator.CollectedWrite(key) is { } collected)
        {
            refusal?.Throw();
            Check(version, cancellationToken);
            _ = CacheNames.Tags(tags, _options.MaximumKeyLength);
            return collected;
        }

        var prepared = refusal is null ? Prepare(key, value, version, life, tags, cancellationToken) : PreparedWrite.Refused(refusal);
        var part = PartOf(key);
        var record = RecordOf(part, key, version, hasValue: prepared.Failure is null);
        var dependents = RaiseDependentsAsync(key, cancellationToken);
        var writing = part.Writer.WriteAsync(key, value, life, prepared, record, cancellationToken).AsTask();
        await Task.WhenAll(dependents, writing).ConfigureAwait(false);
        var operation = await writing.ConfigureAwait(false);
        return _invalidator.ReceiptOf(operation.Operation, operation.IsKept);
    }

    /// <summary>
    /// Invalidates a key after a write to the source. Without a version the value is not stored: calls may arrive in another order than the writes,
    /// so the newer of two values cannot be determined. The next read loads the value.
    /// </summary>
    /// <typeparam name="T">Type of the value.</typeparam>
    /// <param name="key">Key of the value.</param>
    /// <param name="value">Value as committed; not stored.</param>
    /// <param name="cancellationToken">Cancels the wait. The invalidation is not cancelled.</param>
    /// <returns>Receipt of the invalidation.</returns>
    public ValueTask<InvalidationReceipt> WriteThroughAsync<T>(string key, T value, CancellationToken cancellationToken = default)
    {
        _ = value;
        return Invalidator.InvalidateKeyAsync(key, "write-through", cancellationToken);
    }

    /// <summary>
    /// Invalidates a key on all nodes and records the version of a write, so that no value of this version or an older one is written through
    /// afterwards. Use the method for deletes, and for writers that do not have the cached value.
    /// </summary>
    /// <param name="key">Key to invalidate.</param>
    /// <param name="version">Version that the commit assigned to the cached data; for a delete, the last version.</param>
    /// <param name="cancellationToken">Cancels the wait. The invalidation is not cancelled.</param>
    /// <returns>Receipt of the invalidation.</returns>
    /// <exception cref="ArgumentException">The key is empty, too long, or contains an unpaired surrogate. Nothing is invalidated.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The version is missing. The key is invalidated nevertheless.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed. Nothing is invalidated.</exception>
    /// <exception cref="InvalidationLogUnavailableException">
    /// The log is unavailable, and <see cref="InvalidationLogOptions.WhenUnavailable"/> is <see cref="LogUnavailableBehavior.Throw"/>.
    /// </exception>
    public async ValueTask<InvalidationReceipt> InvalidateUpToVersionAsync(string key, SourceVersion version, CancellationToken cancellationToken = default)
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

    /// <summary>
    /// Stores a value that memory holds once more, with a new lifetime, in the background. The value is stored as of a position of the log at which it is still valid, and
    /// only if no record concerns it until then. A renewal therefore never replaces a newer value and never restores a removed one.
    /// </summary>
    /// <param name="key">Key of the value.</param>
    /// <param name="value">Value as read.</param>
    /// <param name="lifetime">New lifetime.</param>
    /// <param name="gain">Time by which the new lifetime must exceed the remaining one; otherwise nothing happens.</param>
    internal void RenewBehind<T>(string key, T value, TimeSpan lifetime, TimeSpan gain)
        where T : class
    {
        var part = PartOf(key);
        if (part.Table.Find(key) is not ValueEntry<T> entry || lifetime - Left(entry.ExpiresAt - _clock.Now) < gain)
            return;

        // The second level holds the same value with the old lifetime.
        var options = new UnstaleEntryOptions { Expiration = lifetime, RecordDependencies = false, Flags = HybridCacheEntryFlags.DisableDistributedCacheRead };
        part.Loader.RefreshBehind(key, entry, new LoadFactory<(UnstaleCache, string, T), T>((this, key, value), RenewedAsync), _policy.Resolve<T>(key, options), [], isRenewal: true);
    }

    private static ValueTask<T> RenewedAsync<T>((UnstaleCache Cache, string Key, T Value) renewed, LoadContext context, CancellationToken cancellationToken)
        where T : class
    {
        // Read after the load has begun: a value that is still valid now was valid when the load began.
        if (renewed.Cache.TryGet(renewed.Key, out T held) && ReferenceEquals(held, renewed.Value))
            return new(held);
        context.DoNotStore();
        context.LeavesStored = true; // either level may hold a newer value
        return new(renewed.Value);
    }

    private async Task RaiseDependentsAsync(string key, CancellationToken cancellationToken)
    {
        if (_invalidator.DependentsOf(key) is { } dependents)
            _invalidator.ReceiptOf(await _log.RaiseAsync(dependents with { Reason = "write-through" }, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Creates the record of a write. If the version is missing, the record carries none but still invalidates the key.</summary>
    private InvalidationRecord RecordOf(CachePartition part, string key, SourceVersion version, bool hasValue) => version.Value < 1
        ? part.Node.NewRecord(InvalidationTarget.ForKey(key), "write-through")
        : part.Node.NewRecord(key, new KeyVersion(Name, version.Value) { HasValue = hasValue }, "write-through");

    private static void Check(SourceVersion version, CancellationToken cancellationToken)
    {
        if (version.Value < 1)
            throw Errors.VersionRange(version.Value);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Runs all steps of a write that may fail before the record is appended. Holds a failure, to be thrown after the record.</summary>
    private PreparedWrite Prepare<T>(
        string key, T value, SourceVersion? version, in EntryLifetime life, IEnumerable<string>? tags, CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (version is { } reported)
                Check(reported, cancellationToken);
            var names = CacheNames.Tags(tags, _options.MaximumKeyLength, [], out var uncacheable).ToArray();
            if (uncacheable is not null)
            {
                if (version is not null)
                    throw uncacheable;
                CountUncacheable(uncacheable);
                return new PreparedWrite([], null);
            }

            if (_context.DeclaredOf is { } declaredOf)
                names = LoadCoordinator.WithoutMarkOf(key, LoadCoordinator.UnionOf(names, declaredOf(key)));
            var (payload, size) = _context.PayloadOf(value, _context.UsesRemote(life), out var isTooLarge);
            return new PreparedWrite(names, payload) { MayKeep = !isTooLarge, Size = size };
        }
        catch (Exception exception)
        {
            return new PreparedWrite([], null) { Failure = ExceptionDispatchInfo.Capture(exception) };
        }
    }

    /// <summary>Reports whether a set of the key can only remove what other nodes hold. Throws if the cache is disposed.</summary>
    private bool IsUncacheable(string key)
    {
        ObjectDisposedException.ThrowIf(_lifetime.IsCancellationRequested, this);
        if (CacheNames.KeyRefusal(key, _options.MaximumKeyLength) is not { } refusal)
            return false;
        CountUncacheable(refusal);
        return true;
    }

    private void CountUncacheable(ArgumentException refusal)
    {
        _metrics.Uncacheable();
        _context.CannotCache(refusal);
    }

    /// <summary>Throws if the key is refused or the cache is disposed. Such a write invalidates nothing.</summary>
    private void CheckWrite(string key)
    {
        CacheNames.CheckKey(key, _options.MaximumKeyLength);
        ObjectDisposedException.ThrowIf(_lifetime.IsCancellationRequested, this);
    }

    /// <summary>Resolves the options of a write. Holds a refusal, to be thrown once the key is invalidated.</summary>
    private EntryLifetime LifeOf<T>(string key, UnstaleEntryOptions? options, out ExceptionDispatchInfo? refusal)
    {
        refusal = null;
        try
        {
            return _policy.Resolve<T>(key, options);
        }
        catch (ArgumentException refused)
        {
            refusal = ExceptionDispatchInfo.Capture(refused);
            return default;
        }
    }

    private ValueTask SetAsync<T>(
        string key, T value, EntryLifetime life, ExceptionDispatchInfo? refusal, IEnumerable<string>? tags, CancellationToken cancellationToken)
    {
        if (_invalidator.CollectedSet(key))
        {
            refusal?.Throw();
            _ = CacheNames.Tags(tags, _options.MaximumKeyLength, [], out _);
            return default;
        }

        var prepared = refusal is null ? Prepare(key, value, version: null, life, tags, cancellationToken) : PreparedWrite.Refused(refusal);
        return _invalidator.DependentsOf(key) is { } dependents
            ? SetWithAsync(dependents, key, value, life, prepared, cancellationToken)
            : SetOneAsync(key, value, life, prepared, cancellationToken);
    }

    /// <summary>
    /// Invalidates the dependents before the key: in the other order, a key that depends on itself indirectly could not be stored. A dependent that
    /// is reloaded in between carries the mark of the key, which the record of the key then invalidates.
    /// </summary>
    private async ValueTask SetWithAsync<T>(
        Invalidation dependents, string key, T value, EntryLifetime life, PreparedWrite prepared, CancellationToken cancellationToken)
    {
        var raised = _log.RaiseAsync(dependents with { Reason = "set" }, cancellationToken).AsTask();
        await Task.WhenAll(raised, SetOneAsync(key, value, life, prepared, cancellationToken).AsTask()).ConfigureAwait(false);
        _invalidator.ReceiptOf(await raised.ConfigureAwait(false));
    }

    private async ValueTask SetOneAsync<T>(string key, T value, EntryLifetime life, PreparedWrite prepared, CancellationToken cancellationToken)
    {
        var part = PartOf(key);
        var record = part.Node.NewRecord(InvalidationTarget.ForKey(key), "set");
        var set = await part.Writer.WriteAsync(key, value, life, prepared, record, cancellationToken).ConfigureAwait(false);
        _invalidator.ReceiptOf(set.Operation);
    }
}
