using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Log;
using Unstale.Node;
using Unstale.Rules;
using Unstale.Store;
using Unstale.Telemetry;

namespace Unstale;

/// <summary>
/// A <see cref="HybridCache"/> that never serves what was invalidated: every value knows the position of the log that it is true as
/// of, and a read compares it with what was invalidated since. Get one from <c>services.AddUnstale()</c>.
/// </summary>
public sealed partial class UnstaleCache : HybridCache, IDisposable, IAsyncDisposable
{
    private readonly UnstaleOptions _options;
    private readonly LogNode _node;
    private readonly Invalidator _invalidator;
    private readonly HorizonView _view;
    private readonly EntryStore _entries;
    private readonly EntryTable _table;
    private readonly Loader _loader;
    private readonly EntryPolicy _policy;
    private readonly StoreContext _context;
    private readonly MonotonicClock _clock;
    private readonly CacheMetrics _metrics;
    private readonly CancellationTokenSource _lifetime = new();

    internal UnstaleCache(UnstaleOptions options, LogNode node, StoreContext context, InvalidationRules rules)
    {
        _options = options;
        _node = node;
        _context = context;
        _view = node.Horizon.View;
        _entries = context.Entries;
        _table = context.Entries.Table;
        _clock = context.Clock;
        _metrics = context.Metrics;
        _policy = new EntryPolicy(options);
        _loader = new Loader(context, new LoadGate(context.Name, options.UntrustedLoads, options.UntrustedLoadsWaiting), _lifetime.Token);
        _invalidator = new Invalidator(node, options, rules, context);
        Rules = rules;
        rules.IsCarried = IsCarried;
        _metrics.Follow(RuleStatistics);
        node.Sweeper.Add(_entries);
    }

    /// <summary>The name under which it was added; <c>default</c> for the one without a name.</summary>
    public string Name => _context.Name;

    /// <summary>Raises invalidations in the log that this cache obeys.</summary>
    public IInvalidator Invalidator => _invalidator;

    /// <summary>What follows from changes that are raised through this cache's <see cref="Invalidator"/>.</summary>
    public InvalidationRules Rules { get; }

    /// <summary>Makes the service scopes of loads.</summary>
    internal IServiceScopeFactory Scopes => _context.Scopes;

    /// <inheritdoc/>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        MayLook(options, cancellationToken) && FindHit(key) is ValueEntry<T> hit
            ? new ValueTask<T>(Counted(hit))
            : ValueAsync(MissAsync(key, new FillSource<TState, T>(state, factory), options, tags, cancellationToken));

    /// <inheritdoc/>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        ReadOnlySpan<char> key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        MayLook(options, cancellationToken) && FindHit(key) is ValueEntry<T> hit
            ? new ValueTask<T>(Counted(hit))
            : ValueAsync(MissAsync(key.ToString(), new FillSource<TState, T>(state, factory), options, tags, cancellationToken));

    /// <inheritdoc/>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, HybridCacheEntryContext, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        MayLook(options, cancellationToken) && FindHit(key) is ValueEntry<T> hit
            ? new ValueTask<T>(Counted(hit))
            : ValueAsync(MissAsync(key, new FillSource<TState, T>(state, factory, options), options, tags, cancellationToken));

    /// <inheritdoc/>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        ReadOnlySpan<char> key,
        TState state,
        Func<TState, HybridCacheEntryContext, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        MayLook(options, cancellationToken) && FindHit(key) is ValueEntry<T> hit
            ? new ValueTask<T>(Counted(hit))
            : ValueAsync(MissAsync(key.ToString(), new FillSource<TState, T>(state, factory, options), options, tags, cancellationToken));

    /// <summary>Looks into this process' memory, without waiting and without a factory.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value, if one is held that may be served.</param>
    /// <returns>True if it is held, fresh or not, has not expired and was not invalidated.</returns>
    public bool TryGet<T>(ReadOnlySpan<char> key, out T value)
    {
        if (FindHit(key) is ValueEntry<T> hit)
        {
            value = Counted(hit);
            return true;
        }

        value = default!;
        if (Look<T>(key, refreshes: false) is not { } found)
            return false;
        value = found.Value;
        return true;
    }

    /// <inheritdoc cref="TryGet{T}(ReadOnlySpan{char}, out T)"/>
    public bool TryGet<T>(string key, out T value) => TryGet(key.AsSpan(), out value);

    /// <summary>What is held under a key in this process' memory, and whether it would be served; null if nothing is.</summary>
    public EntryInfo? Inspect(string key)
    {
        CacheNames.CheckKey(key, _options.MaximumKeyLength);
        if (_entries.Find(key) is not { } entry)
            return null;
        var now = _clock.Now;
        var state = StateOf(entry, now);
        LogPosition position;
        lock (_node.Horizon.Gate)
            position = _node.Horizon.Position with { Sequence = entry.Stamp };
        return new EntryInfo(key, state, Left(entry.ExpiresAt - now), Left(entry.FreshUntil - now), KeyMark.TagsOf(entry.Tags.Tags), KeyMark.KeysOf(entry.Tags.Tags), position)
        {
            DependsOnAnyRecord = Array.IndexOf(entry.Tags.Tags, KeyMark.AnyRecord) >= 0,
        };
    }

    /// <summary>What the cache has done and what it holds.</summary>
    public CacheStatistics GetStatistics() => _metrics.Snapshot(_entries.Count, _entries.Bytes, RuleStatistics());

    /// <summary>How the log that this cache obeys looks from this node.</summary>
    public LogState GetLogState() => _node.GetState();

    /// <summary>Raises what waits in the batch, lets go of everything it holds and cancels the loads that run behind.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc cref="DisposeAsync"/>
    public void Dispose()
    {
        if (_lifetime.IsCancellationRequested)
            return;
        _invalidator.Dispose();
        if (GuardedCancellation.Cancel(_lifetime) is { } failure)
            _context.Logger.CancellationFailed(failure, Name);
        _node.Sweeper.Remove(_entries);
        _entries.Clear();
        _metrics.Dispose();
        _lifetime.Dispose();
    }

    private bool IsCarried(string tag)
    {
        lock (_node.Horizon.Gate)
            return _node.Horizon.Tags.TryFind(tag, out _);
    }

    private RuleSetStatistics RuleStatistics() => _invalidator.Statistics(_metrics.Invalidated);

    private static TimeSpan Left(long milliseconds) => TimeSpan.FromMilliseconds(Math.Max(0, milliseconds));

    private EntryState StateOf(Entry entry, long now)
    {
        if (!_view.IsValid(entry))
            return EntryState.Invalidated;
        if (now >= entry.ExpiresAt)
            return EntryState.Expired;
        if (!_view.IsTrusted(now))
            return EntryState.NotTrusted;
        return now >= entry.FreshUntil ? EntryState.Stale : EntryState.Live;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool MayLook(HybridCacheEntryOptions? options, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested
        && (options is null || (options.Flags.GetValueOrDefault() & HybridCacheEntryFlags.DisableLocalCacheRead) == HybridCacheEntryFlags.None);

    /// <summary>
    /// The hit, but for its type: look up, compare, one bit written; no lock, no allocation. Not generic, so that the generic methods
    /// above it stay as small as they can be.
    /// </summary>
    private Entry? FindHit(ReadOnlySpan<char> key)
    {
        if (ScopeFlow.AnyHolds && IsHeldBack(key))
            return null;
        var entry = _table.Find(key);
        if (entry is null || !_view.IsValid(entry))
            return null;
        var now = _clock.Now;
        if (now >= entry.FreshUntil || !_view.IsTrusted(now))
            return null;
        if (!entry.IsVisited)
            entry.IsVisited = true;
        if (FillScope.MayRecord)
            FillScope.Record(_context, entry);
        return entry;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private T Counted<T>(ValueEntry<T> entry)
    {
        _metrics.Hit();
        return entry.Value;
    }

    /// <summary>The look for what the hit leaves: copies, and values past their freshness.</summary>
    /// <param name="key">The key.</param>
    /// <param name="refreshes">The read loads anew what is stale.</param>
    private (T Value, Entry Entry, CacheOutcome Outcome)? Look<T>(ReadOnlySpan<char> key, bool refreshes)
    {
        if ((ScopeFlow.AnyHolds && IsHeldBack(key)) || _entries.Find(key) is not { } entry)
            return null;
        if (!_view.IsValid(entry))
            return Take<T>(entry, refreshes);
        var now = _clock.Now;
        var isTrusted = _view.IsTrusted(now);
        if (now >= entry.ExpiresAt || !(isTrusted || MayServeUntrusted(now)) || entry is not (ValueEntry<T> or PayloadEntry<T>))
            return null;
        if (!_context.TryRead<T>(entry, out var value))
            return null;
        entry.IsVisited = true;
        if (FillScope.MayRecord)
            FillScope.Record(_context, entry);
        if (!isTrusted)
        {
            FillScope.Taint(FillScope.Current);
            _metrics.UntrustedServe();
            return (value, entry, CacheOutcome.Untrusted);
        }

        if (now < entry.FreshUntil)
        {
            _metrics.Hit();
            return (value, entry, CacheOutcome.Memory);
        }

        _metrics.StaleServe();
        return (value, entry, CacheOutcome.Stale);
    }

    /// <summary>An invalidated entry goes with the read that finds it; one that a record spares is given to it.</summary>
    private (T Value, Entry Entry, CacheOutcome Outcome)? Take<T>(Entry entry, bool refreshes)
    {
        var now = _clock.Now;
        var mayServe = refreshes && entry is ValueEntry<T> or PayloadEntry<T> && _view.IsTrusted(now) && _loader.MayRefreshBehind;

        // Trust is looked at once more after the marks: in a pause between the two nothing would have been heard.
        if (!_entries.TakeInvalidated(entry, now, mayServe) || !_view.IsTrusted(_clock.Now) || !_context.TryRead<T>(entry, out var value))
            return null;
        FillScope.Taint(FillScope.Current);
        _metrics.StaleServe();
        return (value, entry, CacheOutcome.Stale);
    }

    /// <summary>No longer than the log was told: a node that waits for others to forget counts on it.</summary>
    private bool MayServeUntrusted(long now) =>
        _options.WhenNotTrusted == UntrustedReads.Serve
        && now <= Math.Min(_view.ServedUntil, _view.TrustedUntil + (long)_options.ServeUntrustedFor.TotalMilliseconds);
}
