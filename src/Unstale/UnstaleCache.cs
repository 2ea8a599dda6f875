using System.Runtime.CompilerServices;
using System.Transactions;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Invalidations;
using Unstale.Loading;
using Unstale.Log;
using Unstale.Memory;
using Unstale.Node;
using Unstale.Partitions;
using Unstale.Predicates;
using Unstale.Rules;
using Unstale.Telemetry;
using Unstale.Transactions;
using Unstale.Values;

namespace Unstale;

/// <summary>
/// A <see cref="HybridCache"/> that never serves an invalidated value. Each value carries the position of the invalidation log as of which the value
/// is true, and is served only while no later record invalidates the value. Obtain an instance from <c>services.AddUnstale()</c>. Instances are
/// thread-safe.
/// </summary>
public sealed partial class UnstaleCache : HybridCache, IDisposable, IAsyncDisposable
{
    private readonly UnstaleOptions _options;
    private readonly LogPartitions _log;
    private readonly Invalidator _invalidator;
    private readonly CachePartition[] _parts;

    /// <summary>The only partition of a cache whose log is not partitioned; null otherwise.</summary>
    private readonly CachePartition? _only;
    private readonly EntryOptionsResolver _policy;
    private readonly StoreContext _context;
    private readonly MonotonicClock _clock;
    private readonly CacheMetrics _metrics;
    private readonly CancellationTokenSource _lifetime = new();

    /// <param name="options">Options of the cache.</param>
    /// <param name="log">Log that the cache follows.</param>
    /// <param name="contexts">Store context of each partition, in partition order.</param>
    /// <param name="rules">Rules for changes.</param>
    internal UnstaleCache(UnstaleOptions options, LogPartitions log, StoreContext[] contexts, InvalidationRules rules)
    {
        _options = options;
        _log = log;
        _context = contexts[0];
        _clock = _context.Clock;
        _metrics = _context.Metrics;
        _policy = new EntryOptionsResolver(options, mayRecord: !log.IsPartitioned);
        var limits = new LoadLimits(_context.Name, options, _metrics, _clock.Provider);
        _parts = [.. contexts.Select((context, i) => new CachePartition(log.Nodes[i], context, new LoadCoordinator(context, limits, _lifetime.Token)))];
        _only = _parts.Length == 1 ? _parts[0] : null;
        _invalidator = new Invalidator(log, options, rules, _context);
        Rules = rules;
        rules.IsCarried = IsCarried;
        _metrics.Follow(RuleStatistics);
        _metrics.Events.Sender = this;
        Events = new CacheEvents(_metrics.Events);
        _metrics.Events.FollowRecords = () => log.Add(new RecordEvents(_metrics.Events));
        foreach (var part in _parts)
            part.Node.Sweeper.Add(part.Entries);
    }

    /// <summary>Name under which the cache was added; <c>default</c> for the cache without a name.</summary>
    public string Name => _context.Name;

    /// <summary>
    /// Invalidator of the log that this cache follows. The changes reported through the invalidator are subject to <see cref="Rules"/>.
    /// </summary>
    public IInvalidator Invalidator => _invalidator;

    /// <summary>Rules, relationships and dependencies that apply to invalidations made through <see cref="Invalidator"/> of this cache.</summary>
    public InvalidationRules Rules { get; }

    /// <summary>Events of this cache: hits, misses, loads, removed entries, and records of the log.</summary>
    public CacheEvents Events { get; }

    internal IServiceScopeFactory Scopes => _context.Scopes;

    internal GuardedLogger Logger => _context.Logger;

    /// <summary>Creates the forms of values of columns, as all nodes of the log do.</summary>
    internal ColumnHash ColumnHash => _context.ColumnHash;

    /// <summary>Name of the log that the cache follows.</summary>
    internal string LogName => _context.LogName;

    /// <inheritdoc cref="Invalidator.ChangedRowsAsync"/>
    internal ValueTask<InvalidationReceipt> ChangedRowsAsync(IReadOnlyList<RowChange> changes, string? reason, CancellationToken cancellationToken = default) =>
        _invalidator.ChangedRowsAsync(changes, reason, cancellationToken);

    /// <inheritdoc cref="Invalidator.CommittedAsync"/>
    internal ValueTask<InvalidationReceipt> CommittedAsync(IReadOnlyList<Change> changes, CancellationToken cancellationToken = default) =>
        _invalidator.CommittedAsync(changes, cancellationToken);

    /// <inheritdoc cref="LogPartitions.SuspendTrust"/>
    internal void SuspendTrust(object by, bool isSuspended) => _log.SuspendTrust(by, isSuspended);

    /// <inheritdoc cref="Invalidator.Check"/>
    internal void Check(Change change) => _invalidator.Check(change);

    /// <inheritdoc cref="Invalidator.CommittedRowsAsync"/>
    internal ValueTask CommittedRowsAsync(IReadOnlyList<RowChange> changes, string? reason) => _invalidator.CommittedRowsAsync(changes, reason);

    /// <inheritdoc cref="Invalidator.CollectRows"/>
    internal bool CollectRows(IReadOnlyList<RowChange> changes, string? reason, Transaction? transaction) => _invalidator.CollectRows(changes, reason, transaction);

    /// <inheritdoc cref="Invalidator.HoldRows"/>
    internal void HoldRows(IReadOnlyList<RowChange> changes, string? reason, Func<bool>? isDecided) => _invalidator.HoldRows(changes, reason, isDecided);

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
            : ValueAsync(MissAsync(key, new LoadFactory<TState, T>(state, factory), options, tags, cancellationToken));

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
            : ValueAsync(MissAsync(key.ToString(), new LoadFactory<TState, T>(state, factory), options, tags, cancellationToken));

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
            : ValueAsync(MissAsync(key, new LoadFactory<TState, T>(state, factory, options), options, tags, cancellationToken));

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
            : ValueAsync(MissAsync(key.ToString(), new LoadFactory<TState, T>(state, factory, options), options, tags, cancellationToken));

    /// <summary>
    /// Reads a value from this process's memory. Completes synchronously, calls no factory, and neither queries the second level nor starts a
    /// refresh.
    /// </summary>
    /// <param name="key">Key of the value.</param>
    /// <param name="value">Value found; the default value if the method returns false.</param>
    /// <returns>
    /// True if memory holds a value that may be served: fresh or stale, not expired and not invalidated. False inside a <see cref="BypassScope"/>.
    /// </returns>
    public bool TryGet<T>(ReadOnlySpan<char> key, out T value)
    {
        if (FindHit(key) is ValueEntry<T> hit)
        {
            value = Counted(hit);
            return true;
        }

        value = default!;
        if (Find<T>(PartOf(key), key, refreshes: false) is not { } found)
            return false;
        value = found.Value;
        return true;
    }

    /// <inheritdoc cref="TryGet{T}(ReadOnlySpan{char}, out T)"/>
    public bool TryGet<T>(string key, out T value) => TryGet(key.AsSpan(), out value);

    /// <summary>Returns a snapshot of the counters and the current size of this cache.</summary>
    public CacheStatistics GetStatistics()
    {
        var (unmatched, tags) = _log.Unmatched();
        return _metrics.Snapshot(_parts.Sum(static part => part.Entries.Count), _parts.Sum(static part => part.Entries.Bytes), RuleStatistics()) with
        {
            UnmatchedInvalidations = unmatched,
            UnmatchedTags = tags,
        };
    }

    /// <summary>Returns the state of the log that this cache follows, as observed on this node.</summary>
    public LogState GetLogState() => _log.GetState();

    /// <summary>
    /// Appends the pending batch, releases all entries and cancels loads that run in the background. Repeated calls have no effect.
    /// </summary>
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

    private CachePartition PartOf(ReadOnlySpan<char> key) => _only ?? _parts[KeyPartition.ForKey(key, _parts.Length)];

    private bool IsCarried(string tag) => Array.Exists(_parts, part => part.Node.IsCarried(tag));

    private RuleSetStatistics RuleStatistics() => _invalidator.Statistics(_metrics.Invalidated);

    private static TimeSpan Left(long milliseconds) => TimeSpan.FromMilliseconds(Math.Max(0, milliseconds));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool MayLook(HybridCacheEntryOptions? options, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested
        && (options is null || (options.Flags.GetValueOrDefault() & HybridCacheEntryFlags.DisableLocalCacheRead) == HybridCacheEntryFlags.None);

    /// <summary>
    /// Finds an entry that is a hit, regardless of the type of its value. Takes no lock and allocates nothing; the only write is one counter of the
    /// entry. Not generic, so that the generic callers stay small.
    /// </summary>
    private Entry? FindHit(ReadOnlySpan<char> key)
    {
        var part = _only ?? PartOf(key);
        if (AmbientScope.AnyUncommitted && IsHeldBack(part, key))
            return null;
        var entry = part.Table.Find(key);
        if (entry is null || !part.View.IsLive(entry, entry.FreshUntil, _clock))
            return null;
        if (AmbientLoad.MayRecord && !AmbientLoad.Record(part.Context, entry))
            return null;
        entry.CountRead();
        return entry;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private T Counted<T>(ValueEntry<T> entry)
    {
        _metrics.Hit();
        ReportRead(entry, CacheOutcome.Memory);
        return entry.Value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ReportRead(Entry entry, CacheOutcome outcome)
    {
        if (_metrics.ReportsReads)
            _metrics.ReportRead(entry.Key, entry.Tags.Names, outcome);
    }

    /// <summary>Looks up the values that <see cref="FindHit"/> does not cover: serialized copies and stale values.</summary>
    /// <param name="part">Part of the cache that the key belongs to.</param>
    /// <param name="key">Key of the value.</param>
    /// <param name="refreshes">Whether the read reloads a stale value.</param>
    private (T Value, Entry Entry, CacheOutcome Outcome)? Find<T>(CachePartition part, ReadOnlySpan<char> key, bool refreshes)
    {
        if ((AmbientScope.AnyUncommitted && IsHeldBack(part, key)) || part.Entries.Find(key) is not { } entry)
            return null;
        var untrustedUntil = ServesUntrustedUntil(part.View); // before the marks, as trust is
        var state = entry.StateIn(part.View, _clock, out var now);
        if (state == EntryState.Invalidated)
            return Serve<T>(part, entry, refreshes);
        if (state == EntryState.Expired || (state == EntryState.NotTrusted && now > untrustedUntil) || entry is not (ValueEntry<T> or PayloadEntry<T>))
            return null;
        if ((AmbientLoad.MayRecord && !AmbientLoad.Record(part.Context, entry)) || !part.Context.TryRead<T>(entry, out var value))
            return null;
        entry.CountRead();
        if (state == EntryState.NotTrusted)
        {
            AmbientLoad.Taint(AmbientLoad.Current);
            _metrics.UntrustedServe();
            CountOld(entry, CacheOutcome.Untrusted);
            return (value, entry, CacheOutcome.Untrusted);
        }

        if (state == EntryState.Live)
        {
            _metrics.Hit();
            ReportRead(entry, CacheOutcome.Memory);
            return (value, entry, CacheOutcome.Memory);
        }

        _metrics.StaleServe();
        CountOld(entry, CacheOutcome.Stale);
        return (value, entry, CacheOutcome.Stale);
    }

    /// <summary>
    /// Removes an entry that this read found invalidated. Returns the value if the record allows one more read of the entry; the removal makes this
    /// read the only one.
    /// </summary>
    private (T Value, Entry Entry, CacheOutcome Outcome)? Serve<T>(CachePartition part, Entry entry, bool refreshes)
    {
        var now = _clock.Now;
        var mayServe = refreshes && entry.IsOf<T>() && part.View.IsTrusted(now) && part.Loader.MayRefreshBehind;

        // Trust is checked again after the marks: records appended during a pause between the two checks would have been missed.
        if (!part.Entries.RemoveInvalidated(entry, now, mayServe) || !part.View.IsTrusted(_clock.Now) || !part.Context.TryRead<T>(entry, out var value))
        {
            _metrics.RemovedDuringRead();
            return null;
        }

        AmbientLoad.Taint(AmbientLoad.Current);
        _metrics.StaleServe();
        CountOld(entry, CacheOutcome.Stale);
        return (value, entry, CacheOutcome.Stale);
    }

    /// <summary>
    /// Latest time at which untrusted values may be served, never later than announced to the log: nodes that wait for this node to stop serving rely
    /// on the announcement.
    /// </summary>
    private long ServesUntrustedUntil(HorizonView view) => _options.WhenNotTrusted != UntrustedReadBehavior.Serve
        ? long.MinValue
        : Math.Min(Volatile.Read(ref view.ServedUntil), Volatile.Read(ref view.TrustedUntil) + (long)_options.ServeUntrustedFor.TotalMilliseconds);
}
