using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Loading;
using Unstale.Memory;
using Unstale.Partitions;
using Unstale.Transactions;
using Unstale.Values;

namespace Unstale;

/// <content>Reads that are not plain hits.</content>
public sealed partial class UnstaleCache
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ValueTask<T> ValueAsync<T>(in MissResult<T> result) => result.ValueAsync();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ValueTask<CacheResult<T>> ResultAsync<T>(in MissResult<T> result) => result.ResultAsync();

    /// <summary>Starts a read that missed memory. Never inlined, so that a hit does not pay for the stack frame of a miss.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private MissResult<T> MissAsync<TState, T>(
        string key, LoadFactory<TState, T> source, HybridCacheEntryOptions? options, IEnumerable<string>? tags, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return new(CanceledAsync<T>(cancellationToken));
        return MissAsync(key, source, options is null ? _policy.Resolve<T>(key, (UnstaleEntryOptions?)null) : _policy.Resolve<T>(key, options), tags, withOutcome: false, cancellationToken);
    }

    /// <inheritdoc cref="MissAsync{TState, T}(string, LoadFactory{TState, T}, HybridCacheEntryOptions, IEnumerable{string}, CancellationToken)"/>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private MissResult<T> MissAsync<TState, T>(
        string key, LoadFactory<TState, T> source, UnstaleEntryOptions? options, IEnumerable<string>? tags, CancellationToken cancellationToken, bool withOutcome = false)
    {
        if (cancellationToken.IsCancellationRequested)
            return new(CanceledAsync<T>(cancellationToken));
        return MissAsync(key, source, _policy.Resolve<T>(key, options), tags, withOutcome, cancellationToken);
    }

    /// <summary>Looks into memory and the second level. Never calls a factory.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private MissResult<T> ProbeAsync<T>(string key, UnstaleEntryOptions? options, IEnumerable<string>? tags, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return new(CanceledAsync<T>(cancellationToken));
        var life = _policy.Resolve<T>(key, options);
        life = life with { Flags = life.Flags | HybridCacheEntryFlags.DisableUnderlyingData };
        return MissAsync(key, default(LoadFactory<object?, T>), life, tags, withOutcome: true, cancellationToken);
    }

    private MissResult<T> MissAsync<TState, T>(
        string key, LoadFactory<TState, T> source, EntryLifetime life, IEnumerable<string>? tags, bool withOutcome, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_lifetime.IsCancellationRequested, this);
        if (CacheNames.KeyRefusal(key, _options.MaximumKeyLength) is { } refused)
            return new(LoadUncachedAsync(source, life, refused, cancellationToken));
        var room = default(NameBuffer);
        var names = CacheNames.Tags(tags, _options.MaximumKeyLength, room, out refused);
        if (refused is not null)
            return new(LoadUncachedAsync(source, life, refused, cancellationToken));
        var loads = !life.Skips(HybridCacheEntryFlags.DisableUnderlyingData);
        var part = PartOf(key);
        if (AmbientScope.AnyUncommitted && (IsHeldBack(part, key) || (!loads && AmbientScope.HasAnyUncommitted(_log))))
            return new(LoadBypassedAsync(part, key, source, life, names.ToArray(), cancellationToken));
        if (IsAcrossPartitions(part))
            return new(LoadBypassedAsync(part, key, source, life, names.ToArray(), cancellationToken));
        if (!life.Skips(HybridCacheEntryFlags.DisableLocalCacheRead) && Find<T>(part, key, loads) is { } found)
        {
            if (found.Outcome == CacheOutcome.Stale && loads)
                part.Loader.RefreshBehind(key, found.Entry, source, life, names);
            return new(new ValueTask<CacheResult<T>>(new CacheResult<T>(found.Value, found.Outcome)));
        }

        CountMiss(key, names);
        if (UnitOfWork.IsOpen && loads)
            return new(part.Loader.LoadAloneAsync(key, source, life, names.ToArray(), limitedBecause: null, cancellationToken));
        if (loads && RefusalOf(part) is { } untrusted)
            return new(ValueTask.FromException<CacheResult<T>>(untrusted));
        return loads && life.FailSafeFor > 0
            ? new(part.Loader.LoadSafelyAsync(key, source, life, names.ToArray(), cancellationToken))
            : part.Loader.LoadAsync(key, source, life, names, withOutcome, cancellationToken);
    }

    /// <summary>
    /// Whether the running code loads a key of another partition. Positions of two partitions have no order: a stored value may be older than the position as of which the
    /// load will be stored.
    /// </summary>
    private static bool IsAcrossPartitions(CachePartition part)
    {
        if (!AmbientLoad.MayRecord || !AmbientLoad.IsOfAnotherPartition(part.Context))
            return false;
        part.Context.ReadAcrossPartitions();
        return true;
    }

    /// <summary>Returns the exception of a read that must not load from the source, because the node is not trusted; null if it may.</summary>
    private NotTrustedException? RefusalOf(CachePartition part) =>
        _options.WhenNotTrusted == UntrustedReadBehavior.Throw && !part.View.IsTrusted(_clock.Now)
            ? Errors.NotTrusted(Name, _log.Name, part.Node.GetState().SinceConfirmed, _log.Options.StalenessBound)
            : null;

    /// <summary>Calls the factory of a read whose key or tags cannot be cached. Nothing is stored, and no caller joins.</summary>
    private ValueTask<CacheResult<T>> LoadUncachedAsync<TState, T>(LoadFactory<TState, T> source, in EntryLifetime life, ArgumentException refusal, CancellationToken cancellationToken)
    {
        CountUncacheable(refusal);
        return life.Skips(HybridCacheEntryFlags.DisableUnderlyingData)
            ? new(new CacheResult<T>(default!, CacheOutcome.None))
            : _parts[0].Loader.LoadUncachedAsync(source, life, cancellationToken);
    }

    /// <summary>Counts the tags of a value that is no plain hit, and measures its age.</summary>
    private void CountOld(Entry entry, CacheOutcome outcome)
    {
        ReportRead(entry, outcome);
        if (_metrics.MeasuresServedAge)
            _metrics.ServedOld(outcome, _clock.Now - entry.StoredAt);
    }

    private void CountMiss(string key, ReadOnlySpan<string> tags)
    {
        _metrics.Miss();
        if (_metrics.ReportsReads)
            _metrics.ReportRead(key, tags, CacheOutcome.None);
    }

    /// <summary>Completes as cancelled. An await throws <see cref="OperationCanceledException"/> itself, not a type derived from it.</summary>
    private static async ValueTask<CacheResult<T>> CanceledAsync<T>(CancellationToken cancellationToken) => throw new OperationCanceledException(cancellationToken);
}
