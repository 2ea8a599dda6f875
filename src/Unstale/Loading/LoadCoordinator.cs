using System.Runtime.InteropServices;
using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Boundary;
using Unstale.Memory;
using Unstale.Remote;
using Unstale.Telemetry;
using Unstale.Values;

namespace Unstale.Loading;

/// <summary>
/// Loads missing values, with one load per key for any number of callers. A caller arriving after an invalidation never receives a value read
/// earlier.
/// </summary>
internal sealed partial class LoadCoordinator(StoreContext context, LoadLimits limits, CancellationToken lifetime)
{
    private readonly Dictionary<LoadIdentity, Load> _loads = [];
    private readonly RemoteLevel? _remote = context.Remote is null ? null : new RemoteLevel(context, lifetime);

    private readonly RefreshPauses _pauses = new();

    public StoreContext Context => context;

    /// <param name="key">Key.</param>
    /// <param name="source">Factory of the caller.</param>
    /// <param name="life">Lifetime of the entry.</param>
    /// <param name="tags">Tags of the call.</param>
    /// <param name="withOutcome">Whether the caller requests the source of the value too. If not, callers without limits share a wait.</param>
    /// <param name="cancellationToken">Cancels the wait of the caller, and the load if no other caller waits.</param>
    public MissResult<T> LoadAsync<TState, T>(
        string key, LoadFactory<TState, T> source, in EntryLifetime life, ReadOnlySpan<string> tags, bool withOutcome, CancellationToken cancellationToken)
    {
        var parent = AmbientLoad.Current;
        AmbientLoad.ThrowIfOwnKey(parent, key, this);
        var isLimited = cancellationToken.CanBeCanceled || life.LoadTimeout > 0;
        var place = Enter(LoadIdentity.For<T>(key, life), life, tags, parent, isLimited, withOutcome, out Load<T>? load, out var joined, out var shared, out var held);
        if (held is not null)
        {
            if (!context.TryRead<T>(held, out var value))
                return LoadAsync(key, source, life, tags, withOutcome, cancellationToken);
            AmbientLoad.Record(parent, context, key, held.Tags.Names);
            return new(new ValueTask<CacheResult<T>>(new CacheResult<T>(value, CacheOutcome.Memory)));
        }

        if (place == Place.Started)
            return new(StartAsync(load!, source, life, parent, cancellationToken));
        if (shared is null)
            return new(JoinAsync(load!, joined!, source, life, tags.ToArray(), parent, cancellationToken));
        context.Metrics.Join();
        return new(shared.WaitAsync(source));
    }

    private enum Place
    {
        Held,
        Started,
        Joined,
    }

    private Place Enter<T>(
        LoadIdentity identity,
        in EntryLifetime life,
        ReadOnlySpan<string> tags,
        Load? parent,
        bool isLimited,
        bool withOutcome,
        out Load<T>? load,
        out LoadWaiters<T>? joined,
        out SharedWait<T>? shared,
        out Entry? held)
    {
        joined = null;
        shared = null;
        held = null;
        load = null;
        var now = context.Clock.Now;
        var horizon = context.Horizon;
        lock (horizon.Gate)
        {
            if (!life.Skips(HybridCacheEntryFlags.DisableLocalCacheRead) && (held = FindFresh<T>(identity, now)) is not null)
                return Place.Held;
            var set = horizon.Tags.Hold(tags);
            ref var running = ref CollectionsMarshal.GetValueRefOrAddDefault(_loads, identity, out _);
            if (running is not null
                && horizon.MayJoin(running.Ticket, identity.Key, set, now) && running.TryName_NeedsLock(set, horizon.Tags) && AmbientLoad.TryWait(parent, running))
            {
                horizon.Tags.Release(set);
                load = (Load<T>)running;
                joined = load.Join(horizon.Tick);
                if (ValueCodec<T>.Shared && !withOutcome && !isLimited && life.WaitTimeout == 0 && parent is null)
                    shared = joined.Share_NeedsLock(load, tags, life);
                return Place.Joined;
            }

            var cancellation = isLimited ? new CancellationTokenSource() : null;
            running = load = new Load<T>(this, identity, horizon.BeginLoad(identity.Key, set, now, mayAskRemote: _remote is not null), set, parent, cancellation);
        }

        // A load just created waits for no other, so this wait closes no cycle.
        _ = AmbientLoad.TryWait(parent, load);
        return Place.Started;
    }

    /// <summary>Returns a fresh entry stored by another load between the lookup without the lock and this one; null if there is none.</summary>
    private Entry? FindFresh<T>(in LoadIdentity identity, long now)
    {
        var entry = context.Entries.Find(identity.Key, identity.Hash);
        return entry is not null && entry.IsOf<T>() && entry.StateIn(context.Horizon.View, now) == EntryState.Live ? entry : null;
    }

    private ValueTask<CacheResult<T>> StartAsync<TState, T>(
        Load<T> load, LoadFactory<TState, T> source, in EntryLifetime life, Load? parent, CancellationToken cancellationToken)
    {
        if (life.LoadTimeout > 0)
            return LimitedAsync(load, source, life, parent, cancellationToken);
        var run = RunAsync(load, source, life);
        return parent is null && (run.IsCompleted || !cancellationToken.CanBeCanceled)
            ? run
            : StartedAsync(load, run, parent, cancellationToken);
    }

    private async ValueTask<CacheResult<T>> StartedAsync<T>(
        Load<T> load, ValueTask<CacheResult<T>> run, Load? parent, CancellationToken cancellationToken)
    {
        try
        {
            if (!cancellationToken.CanBeCanceled || run.IsCompleted)
                return await run.ConfigureAwait(false);
            return await WaitAsync(load, run.AsTask(), 0, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            AmbientLoad.EndWait(parent, load);
        }
    }

    private async ValueTask<CacheResult<T>> JoinAsync<TState, T>(
        Load<T> load, LoadWaiters<T> joined, LoadFactory<TState, T> source, EntryLifetime life, string[] tags, Load? parent, CancellationToken cancellationToken)
    {
        context.Metrics.Join();
        LoadResult<T> answer;
        try
        {
            answer = cancellationToken.CanBeCanceled || life.WaitTimeout > 0
                ? await WaitAsync(load, joined.Task, life.WaitTimeout, cancellationToken).ConfigureAwait(false)
                : await joined.Task.ConfigureAwait(false);
        }
        catch (OperationCanceledException canceled) when (IsOfAnother(canceled, cancellationToken))
        {
            answer = LoadResult<T>.Again;
        }
        catch (LoadTimeoutException) when (Allowed<T>(load.Identity, life, out var allowed) is { } held)
        {
            AmbientLoad.Record(parent, context, load.Key, held.Tags.Names);
            return AllowedResult(held, allowed);
        }
        catch
        {
            RecordFailed(parent, load);
            throw;
        }
        finally
        {
            AmbientLoad.EndWait(parent, load);
        }

        if (answer.StartAgain)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return await LoadAsync(load.Key, source, life, tags, withOutcome: true, cancellationToken).ResultAsync().ConfigureAwait(false);
        }

        if (answer.Outcome == CacheOutcome.None)
            return new CacheResult<T>(default!, CacheOutcome.None);
        T? value = answer.Value;
        if (answer.LoadsAlone || (answer.Payload is { } payload && !context.Copies.TryRead(payload, out value)))
            return await LoadAloneAsync(load.Key, source, life, tags, Errors.NotShareable, cancellationToken).ConfigureAwait(false);
        if (answer.IsTainted)
            AmbientLoad.Taint(parent);
        AmbientLoad.Record(parent, context, load.Key, answer.Carried.Names);
        MeasureAge(answer.Outcome, load.Ticket.BeganAt);
        return new CacheResult<T>(value!, answer.Outcome);
    }

    /// <summary>
    /// Reports whether the load was cancelled by a token of another caller, such as the request that runs the load; the caller then starts again. The
    /// time-out of a client is a failure of the source and concerns all callers.
    /// </summary>
    public bool IsOfAnother(OperationCanceledException canceled, CancellationToken own) =>
        !own.IsCancellationRequested && !lifetime.IsCancellationRequested && canceled.InnerException is not TimeoutException;

    /// <summary>Waits for a load. Cancellation and limit concern only this waiter; the load is cancelled when the last waiter has left.</summary>
    private async ValueTask<TResult> WaitAsync<TResult>(Load load, Task<TResult> task, long limit, CancellationToken cancellationToken)
    {
        var time = limit > 0 ? TimeSpan.FromMilliseconds(limit) : Timeout.InfiniteTimeSpan;
        try
        {
            return await task.WaitAsync(time, context.Clock.Provider, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && !task.IsCompleted)
        {
            Observe(task);
            Leave(load);
            throw new OperationCanceledException(cancellationToken); // of the exact type, as HybridCache throws
        }
        catch (TimeoutException) when (limit > 0)
        {
            if (task.IsCompleted)
                return await task.ConfigureAwait(false);
        }

        Observe(task);
        Leave(load);
        throw Errors.WaitTimeout(context.Name, load.Key, time);
    }

    /// <summary>Observes the failure of a task for which no caller waits any more.</summary>
    private static void Observe(Task task) =>
        _ = WithoutExecutionContext.Start(
            task, static observed => observed.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default));

    private void Leave(Load load)
    {
        lock (context.Horizon.Gate)
        {
            if (--load.Waiting > 0 || load.IsEnded)
                return;
            Forget_NeedsLock(load); // no caller may join a load that is being cancelled
        }

        if (load.Cancel() is { } failure)
            context.Logger.CancellationFailed(failure, context.Name);
    }

    private void Forget_NeedsLock(Load load)
    {
        if (_loads.TryGetValue(load.Identity, out var running) && running == load)
            _loads.Remove(load.Identity);
    }
}
