using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Log;
using Unstale.Node;
using Unstale.Partitions;
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
    private readonly LogPartitions _log;
    private readonly Invalidator _invalidator;
    private readonly CachePartition[] _parts;

    /// <summary>The only part of a cache whose log has one partition; null for others.</summary>
    private readonly CachePartition? _only;
    private readonly EntryPolicy _policy;
    private readonly StoreContext _context;
    private readonly MonotonicClock _clock;
    private readonly CacheMetrics _metrics;
    private readonly CancellationTokenSource _lifetime = new();

    /// <param name="options">The options.</param>
    /// <param name="log">The log that the cache obeys.</param>
    /// <param name="contexts">Surroundings of the loads of each partition.</param>
    /// <param name="rules">Rules about changes.</param>
    internal UnstaleCache(UnstaleOptions options, LogPartitions log, StoreContext[] contexts, InvalidationRules rules)
    {
        _options = options;
        _log = log;
        _context = contexts[0];
        _clock = _context.Clock;
        _metrics = _context.Metrics;
        _policy = new EntryPolicy(options, mayRecord: !log.IsPartitioned);
        var gate = new LoadGate(_context.Name, options.UntrustedLoads, options.UntrustedLoadsWaiting);
        _parts = [.. contexts.Select((context, i) => new CachePartition(log.Nodes[i], context, new Loader(context, gate, _lifetime.Token)))];
        _only = _parts.Length == 1 ? _parts[0] : null;
        _invalidator = new Invalidator(log, options, rules, _context);
        Rules = rules;
        rules.IsCarried = IsCarried;
        _metrics.Follow(RuleStatistics);
        foreach (var part in _parts)
            part.Node.Sweeper.Add(part.Entries);
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
        var part = PartOf(key);
        if (part.Entries.Find(key) is not { } entry)
            return null;
        var now = _clock.Now;
        var state = part.StateOf(entry, now);
        LogPosition position;
        lock (part.Node.Horizon.Gate)
            position = part.Node.Horizon.Position with { Sequence = entry.Stamp };
        return new EntryInfo(key, state, Left(entry.ExpiresAt - now), Left(entry.FreshUntil - now), KeyMark.TagsOf(entry.Tags.Tags), KeyMark.KeysOf(entry.Tags.Tags), position)
        {
            DependsOnAnyRecord = Array.IndexOf(entry.Tags.Tags, KeyMark.AnyRecord) >= 0,
        };
    }

    /// <summary>What the cache has done and what it holds.</summary>
    public CacheStatistics GetStatistics() => _metrics.Snapshot(_parts.Sum(static part => part.Entries.Count), _parts.Sum(static part => part.Entries.Bytes), RuleStatistics());

    /// <summary>How the log that this cache obeys looks from this node.</summary>
    public LogState GetLogState() => _log.GetState();

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
        foreach (var part in _parts)
        {
            part.Node.Sweeper.Remove(part.Entries);
            part.Entries.Clear();
        }

        _metrics.Dispose();
        _lifetime.Dispose();
    }

    /// <summary>The part of the cache that a key belongs to.</summary>
    private CachePartition PartOf(ReadOnlySpan<char> key) => _only ?? _parts[KeyPartition.Of(key, _parts.Length)];

    private bool IsCarried(string tag) => Array.Exists(_parts, part =>
    {
        lock (part.Node.Horizon.Gate)
            return part.Node.Horizon.Tags.TryFind(tag, out _);
    });

    private RuleSetStatistics RuleStatistics() => _invalidator.Statistics(_metrics.Invalidated);

    private static TimeSpan Left(long milliseconds) => TimeSpan.FromMilliseconds(Math.Max(0, milliseconds));

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
        var part = _only ?? PartOf(key);
        if (ScopeFlow.AnyHolds && IsHeldBack(part, key))
            return null;
        var entry = part.Table.Find(key);
        if (entry is null || !part.View.IsValid(entry))
            return null;
        var now = _clock.Now;
        if (now >= entry.FreshUntil || !part.View.IsTrusted(now))
            return null;
        if (FillScope.MayRecord && !FillScope.Record(part.Context, entry))
            return null;
        if (!entry.IsVisited)
            entry.IsVisited = true;
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
        var part = PartOf(key);
        if ((ScopeFlow.AnyHolds && IsHeldBack(part, key)) || part.Entries.Find(key) is not { } entry)
            return null;
        if (!part.View.IsValid(entry))
            return Take<T>(part, entry, refreshes);
        var now = _clock.Now;
        var isTrusted = part.View.IsTrusted(now);
        if (now >= entry.ExpiresAt || !(isTrusted || MayServeUntrusted(part.View, now)) || entry is not (ValueEntry<T> or PayloadEntry<T>))
            return null;
        if ((FillScope.MayRecord && !FillScope.Record(part.Context, entry)) || !part.Context.TryRead<T>(entry, out var value))
            return null;
        entry.IsVisited = true;
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
    private (T Value, Entry Entry, CacheOutcome Outcome)? Take<T>(CachePartition part, Entry entry, bool refreshes)
    {
        var now = _clock.Now;
        var mayServe = refreshes && entry is ValueEntry<T> or PayloadEntry<T> && part.View.IsTrusted(now) && part.Loader.MayRefreshBehind;

        // Trust is looked at once more after the marks: in a pause between the two nothing would have been heard.
        if (!part.Entries.TakeInvalidated(entry, now, mayServe) || !part.View.IsTrusted(_clock.Now) || !part.Context.TryRead<T>(entry, out var value))
            return null;
        FillScope.Taint(FillScope.Current);
        _metrics.StaleServe();
        return (value, entry, CacheOutcome.Stale);
    }

    /// <summary>No longer than the log was told: a node that waits for others to forget counts on it.</summary>
    private bool MayServeUntrusted(HorizonView view, long now) =>
        _options.WhenNotTrusted == UntrustedReads.Serve
        && now <= Math.Min(view.ServedUntil, view.TrustedUntil + (long)_options.ServeUntrustedFor.TotalMilliseconds);
}
