using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Loading;
using Unstale.Memory;
using Unstale.Transactions;
using Unstale.Values;

namespace Unstale;

/// <content>Reads of several keys.</content>
public sealed partial class UnstaleCache
{
    /// <summary>
    /// Returns the values of several keys. One call of the factory loads all keys that neither memory nor the second level holds and no other caller is loading. Use it for
    /// lists of ids, where a query by ids replaces one query per id.
    /// </summary>
    /// <remarks>
    /// Each key is loaded once for all callers, whether they read one key or several, and each value is stored under its own key only if no invalidation has concerned it since
    /// the load began. If the call fails, every key of the call fails; keys found in memory or in the second level remain stored. The factory runs to its end although the
    /// caller is cancelled. <see cref="UnstaleEntryOptions.SoftTimeout"/> applies to reads of one key alone.
    /// </remarks>
    /// <typeparam name="T">Type of the values.</typeparam>
    /// <param name="keys">Keys. Duplicates are read once.</param>
    /// <param name="load">
    /// Loads the values of the given keys. A key without an entry in the result has no value: nothing is stored, and the key is absent from the result of this method.
    /// </param>
    /// <param name="options">Lifetime and other options of the entries. Default: null (options of the cache).</param>
    /// <param name="tagsOf">Returns the tags of a key. Default: null (none).</param>
    /// <param name="cancellationToken">Cancels the wait of this caller.</param>
    /// <returns>Values by key, for the keys that have one.</returns>
    /// <exception cref="ArgumentException">A key is null, or an option or a tag is refused.</exception>
    /// <exception cref="LoadTimeoutException">The load exceeds <see cref="UnstaleEntryOptions.LoadTimeout"/>.</exception>
    /// <exception cref="RecursiveLoadException">The factory of one of the keys calls this method with the key.</exception>
    /// <exception cref="NotTrustedException">
    /// The node is not trusted, and <see cref="UnstaleOptions.WhenNotTrusted"/> is <see cref="UntrustedReadBehavior.Throw"/>.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public async ValueTask<IReadOnlyDictionary<string, T>> GetOrCreateManyAsync<T>(
        IEnumerable<string> keys,
        Func<IReadOnlyList<string>, CancellationToken, ValueTask<Dictionary<string, T>>> load,
        UnstaleEntryOptions? options = null,
        Func<string, IEnumerable<string>>? tagsOf = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(load);
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_lifetime.IsCancellationRequested, this);
        var result = new Dictionary<string, T>(StringComparer.Ordinal);
        var batch = new LoadBatch<T>(load);
        foreach (var key in keys)
        {
            if (key is null)
                throw Errors.EmptyName(nameof(keys));
            if (result.ContainsKey(key) || batch.Contains(key))
                continue;
            if (MayLook(options, cancellationToken) && FindHit(key) is ValueEntry<T> hit)
                result.Add(key, Counted(hit));
            else if (TryAddMissing(batch, key, options, tagsOf, out var found))
                result.Add(key, found);
        }

        if (!batch.IsEmpty)
            await (batch.Members is [var first, ..] ? first.Loader : _parts[0].Loader).LoadManyAsync(batch, result, cancellationToken).ConfigureAwait(false);
        return result;
    }

    /// <summary>Adds a key that missed memory to a batch. Returns true with the value if memory holds one that is no plain hit.</summary>
    private bool TryAddMissing<T>(LoadBatch<T> batch, string key, UnstaleEntryOptions? options, Func<string, IEnumerable<string>>? tagsOf, out T value)
    {
        value = default!;
        var life = _policy.Resolve<T>(key, options);
        var refusal = CacheNames.KeyRefusal(key, _options.MaximumKeyLength);
        var names = refusal is null ? CacheNames.Tags(tagsOf?.Invoke(key), _options.MaximumKeyLength, [], out refusal).ToArray() : [];
        if (refusal is not null)
        {
            CountUncacheable(refusal);
            batch.AddUncacheable(key);
            return false;
        }

        var part = PartOf(key);
        var isHeldBack = (AmbientScope.AnyUncommitted && IsHeldBack(part, key)) || IsAcrossPartitions(part);
        if (!isHeldBack && !life.Skips(HybridCacheEntryFlags.DisableLocalCacheRead) && Find<T>(part, key, refreshes: true) is { } found)
        {
            if (found.Outcome == CacheOutcome.Stale)
                part.Loader.RefreshBehind(key, found.Entry, batch.For(key), life, names);
            value = found.Value;
            return true;
        }

        CountMiss(key, names);
        if (life.Skips(HybridCacheEntryFlags.DisableUnderlyingData))
            return false;
        if (RefusalOf(part) is { } untrusted)
            throw untrusted;
        var member = new BatchMember<T>(part.Loader, key, life, names);
        if (isHeldBack || UnitOfWork.IsOpen)
            batch.AddAlone(member);
        else
            batch.Add(member);
        return false;
    }
}
