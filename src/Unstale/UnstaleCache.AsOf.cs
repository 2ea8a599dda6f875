using Unstale.Values;

namespace Unstale;

/// <content>Values that were read before the call.</content>
public sealed partial class UnstaleCache
{
    /// <summary>
    /// Stores a value that was read from the source before this call, as if a load had read the value: in the memory of this node, and only while no later
    /// record invalidates it. Use it to fill the cache from a bulk read or a warm-up. No record is appended, so other values of the key stay valid.
    /// </summary>
    /// <remarks>
    /// Take the positions before the read: <c>var asOf = cache.GetLogState().Positions;</c>. Positions taken after the read would hide an invalidation in between.
    /// </remarks>
    /// <typeparam name="T">Type of the value.</typeparam>
    /// <param name="key">Key of the value.</param>
    /// <param name="value">Value as read.</param>
    /// <param name="asOf">Positions of this node's log before the read (<see cref="LogState.Positions"/>).</param>
    /// <param name="options">Lifetime, from this call on, and other options of the entry. Default: null (options of the cache).</param>
    /// <param name="tags">Tags of the entry. Default: null (none).</param>
    /// <param name="cancellationToken">Cancels the call before anything is stored.</param>
    /// <returns>
    /// True if the value is stored. False if the key, a tag, a pattern or everything was invalidated since; if the positions are of another history of the log, or later than
    /// this node; if the node is not trusted; inside a <see cref="BypassScope"/> or a scope that has invalidated the key; or if the options, the size or the tags of the value
    /// prevent its storage.
    /// </returns>
    /// <exception cref="ArgumentException">A tag is empty or <c>*</c>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before the call.</exception>
    public ValueTask<bool> SetAsync<T>(
        string key, T value, LogPositions asOf, UnstaleEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(asOf);
        if (IsUncacheable(key))
            return new(false);
        var part = PartOf(key);
        var life = _policy.Resolve<T>(key, options);
        var prepared = Prepare(key, value, version: null, life, tags, cancellationToken);
        prepared.Failure?.Throw();
        foreach (var position in asOf)
        {
            if (position.Partition == part.Node.Horizon.Partition)
                return new(prepared.MayKeep && !IsHeldBack(part, key) && part.Writer.KeepAsOf(key, value, life.Jittered(), prepared, position));
        }

        return new(false);
    }
}
