using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Memory;
using Unstale.Telemetry;
using Unstale.Values;

namespace Unstale.Loading;

/// <content>Loads of several keys by one call of a factory. Each key is a load of its own, which other callers may join, with its own stamp and checks.</content>
internal sealed partial class LoadCoordinator
{
    /// <summary>Maximum wait for the load of another node, in milliseconds. One slow key must not delay the others for long.</summary>
    private const long WaitInBatch = 200;

    /// <summary>Loads the keys of a batch, and adds the values to the result.</summary>
    public async Task LoadManyAsync<T>(LoadBatch<T> batch, Dictionary<string, T> result, CancellationToken cancellationToken)
    {
        var parent = AmbientLoad.Current;
        foreach (var member in batch.Members.Concat(batch.Alone))
            AmbientLoad.ThrowIfOwnKey(parent, member.Key, member.Loader); // before any load begins
        var started = new List<BatchMember<T>>();
        var joined = new Queue<BatchMember<T>>();
        foreach (var member in batch.Members)
        {
            if (member.Loader.Begin(member, parent, out var value))
                result[member.Key] = value;
            else if (member.Joined is null)
                started.Add(member);
            else
                joined.Enqueue(member);
        }

        try
        {
            await LoadStartedAsync(batch, started, result, parent, cancellationToken).ConfigureAwait(false);
            while (joined.TryDequeue(out var member))
                await JoinOneAsync(batch, member, result, parent, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            while (joined.TryDequeue(out var left))
            {
                AmbientLoad.EndWait(parent, left.Load!);
                left.Loader.Leave(left.Load!);
            }
        }
    }

    private async Task LoadStartedAsync<T>(
        LoadBatch<T> batch, List<BatchMember<T>> started, Dictionary<string, T> result, Load? parent, CancellationToken cancellationToken)
    {
        if (started.Count == 0 && !batch.HasUnshared)
            return;
        try
        {
            // Runs to its end without the caller: others may have joined.
            var run = RunManyAsync(batch, started, parent);
            foreach (var (key, value) in await WaitForManyAsync(run, started, cancellationToken).ConfigureAwait(false))
                result[key] = value;
        }
        finally
        {
            foreach (var member in started)
                AmbientLoad.EndWait(parent, member.Load!);
        }
    }

    private static async Task JoinOneAsync<T>(LoadBatch<T> batch, BatchMember<T> member, Dictionary<string, T> result, Load? parent, CancellationToken cancellationToken)
    {
        try
        {
            var joined = await member.Loader.JoinAsync(member.Load!, member.Joined!, batch.For(member.Key), member.Life, member.Tags, parent, cancellationToken).ConfigureAwait(false);
            result[member.Key] = joined.Value;
        }
        catch (NoValueException)
        {
            // The result does not contain the key.
        }
    }

    /// <summary>Starts or joins the load of a key. Returns true with the value if memory holds one by now.</summary>
    private bool Begin<T>(BatchMember<T> member, Load? parent, out T value)
    {
        while (true)
        {
            value = default!;
            var place = Enter(
                LoadIdentity.For<T>(member.Key, member.Life), member.Life, member.Tags, parent, isLimited: false, withOutcome: true, out Load<T>? load, out var joined, out _, out var held);
            if (held is not null)
            {
                if (!context.TryRead<T>(held, out var read))
                    continue;
                AmbientLoad.Record(parent, context, member.Key, held.Tags.Names);
                value = read;
                return true;
            }

            (member.Load, member.Joined) = (load, place == Place.Joined ? joined : null);
            return false;
        }
    }

    private async Task<Dictionary<string, T>> WaitForManyAsync<T>(Task<Dictionary<string, T>> run, List<BatchMember<T>> started, CancellationToken cancellationToken)
    {
        var limit = started.Count == 0 ? 0 : started.Max(static member => member.Life.LoadTimeout);
        try
        {
            return await run.WaitAsync(limit > 0 ? TimeSpan.FromMilliseconds(limit) : Timeout.InfiniteTimeSpan, context.Clock.Provider, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && !run.IsCompleted)
        {
            Observe(run);
            throw new OperationCanceledException(cancellationToken);
        }
        catch (TimeoutException) when (limit > 0 && !run.IsCompleted)
        {
            Observe(run);
            var passed = Errors.LoadTimeout(context.Name, started[0].Key, TimeSpan.FromMilliseconds(limit));
            foreach (var member in started)
                member.Loader.TryAbandon(member.Load!, passed);
            context.Logger.LoadAbandoned(context.Name, TimeSpan.FromMilliseconds(limit));
            throw passed;
        }
    }

    /// <summary>Reads the second level for all started loads at once, then calls the factory once for the rest.</summary>
    private async Task<Dictionary<string, T>> RunManyAsync<T>(LoadBatch<T> batch, List<BatchMember<T>> started, Load? parent)
    {
        var result = new Dictionary<string, T>(StringComparer.Ordinal);
        var open = new List<BatchMember<T>>(started);
        try
        {
            if (_remote is not null)
                open = await ReadRemoteAsync(open, batch, result).ConfigureAwait(false);
            if (open.Count > 0 || batch.HasUnshared)
                await CallOnceAsync(batch, open, parent, result).ConfigureAwait(false);
            return result;
        }
        catch (Exception exception)
        {
            // Nothing is half done: each load ends before the exception reaches the caller.
            foreach (var member in open)
            {
                member.Loader.ReleaseLease(member.Load!);
                member.Loader.Fail(member.Load!, exception);
            }

            if (batch.HasUnshared || !open.TrueForAll(member => member.Loader.TryKeep(member, parent, result)))
                throw;
            context.FailSafeUsed(exception);
            return result;
        }
    }

    /// <summary>Adds the value that memory keeps for a key whose load has failed. Returns false if there is none.</summary>
    private bool TryKeep<T>(BatchMember<T> member, Load? parent, Dictionary<string, T> result)
    {
        if (member.Life.FailSafeFor == 0 || Kept<T>(member.Key, member.Life, parent) is not { } kept)
            return false;
        _failures.Begin(member.Key, context.Clock.Now, member.Life.Policy!.FailSafePause);
        result[member.Key] = kept.Value;
        return true;
    }

    private static async Task<List<BatchMember<T>>> ReadRemoteAsync<T>(List<BatchMember<T>> members, LoadBatch<T> batch, Dictionary<string, T> result)
    {
        var reads = members.ConvertAll(member => member.Loader.ReadOneAsync(member, batch));
        var open = new List<BatchMember<T>>();
        for (var index = 0; index < members.Count; index++)
        {
            if (await reads[index].ConfigureAwait(false) is { } read)
                result[members[index].Key] = read.Value;
            else
                open.Add(members[index]);
        }

        return open;
    }

    private async Task<CacheResult<T>?> ReadOneAsync<T>(BatchMember<T> member, LoadBatch<T> batch)
    {
        var load = member.Load!;
        if (load.Remote is not { } remote)
            return null;
        var life = member.Life with { WaitTimeout = WaitInBatch };
        var answer = await _remote!.ReadAsync(load, life, this, static (loader, l, hit) => loader.TryRead((Load<T>)l, hit)).ConfigureAwait(false);
        remote.Lease = answer.Lease;
        using var hit = answer.Hit;
        return hit is null ? null : AcceptRemote(load, hit, remote.Value, batch.For(member.Key), member.Life);
    }

    /// <summary>
    /// Calls the factory for the open loads and for the keys that only this call receives. The call has a load of its own, whose reads are dependencies of every value, also
    /// for the parent. The loads wait for it in the graph of waits, so a factory that reads one of its own keys does not wait for itself.
    /// </summary>
    private async Task CallOnceAsync<T>(LoadBatch<T> batch, List<BatchMember<T>> open, Load? parent, Dictionary<string, T> result)
    {
        var life = default(EntryLifetime) with { RecordsReads = parent is { RecordsReads: true } || open.Exists(static member => member.Load!.RecordsReads) };
        var call = new Load<T>(this, LoadIdentity.For<T>(string.Empty, life), default, TagSet.Empty, parent, null)
        {
            IsOfAllPartitions = open.Exists(member => member.Loader != this),
        };
        foreach (var member in open)
            _ = AmbientLoad.TryWait(member.Load!, call);
        AmbientLoad.Enter(call);
        await EnterLimitsAsync(call, open).ConfigureAwait(false);
        var timing = LoadTiming.Start(context);
        Exception? failure = null;
        var isRecorded = AmbientLoad.BeginReads(call);
        Dictionary<string, T> loaded;
        try
        {
            using var activity = Activities.Load(context.Name, links: null);
            string[] keys = [.. open.Concat(batch.Alone).Select(static member => member.Key), .. batch.Uncacheable];
            var source = new LoadFactory<(LoadBatch<T> Batch, string[] Keys), Dictionary<string, T>>((batch, keys), static (s, token) => s.Batch.Source(s.Keys, token));
            loaded = await source.InvokeAsync(null, context.Pipeline, lifetime).ConfigureAwait(false) ?? throw Errors.NoBatch();
        }
        catch (Exception exception)
        {
            failure = exception;
            throw;
        }
        finally
        {
            var duration = timing.End(context, failure);
            foreach (var member in open)
                context.Metrics.RaiseLoaded(member.Key, duration, failure);
            if (isRecorded)
                AmbientLoad.EndReads();
            EndCall(call, open);
            RecordUnshared(batch, call, parent);
        }

        foreach (var member in open)
        {
            member.Load!.Adopt(call);
            if (loaded.TryGetValue(member.Key, out var value))
                result[member.Key] = member.Loader.EndLoaded(member.Load, value, loadContext: null, member.Life).Value;
            else
                member.Loader.EndWithoutValue(member.Load);
        }

        foreach (var key in batch.Alone.Select(static member => member.Key).Concat(batch.Uncacheable))
        {
            if (loaded.TryGetValue(key, out var value))
                result[key] = context.Copies.Make(value, withRemote: false).Value;
        }
    }

    /// <summary>Waits for the slots of a call for several keys: one by the first key, and one if the source is protected from any of the loads.</summary>
    private async ValueTask EnterLimitsAsync<T>(Load<T> call, List<BatchMember<T>> open)
    {
        try
        {
            var protectedBecause = open.ConvertAll(static member => member.Loader.ProtectedBecause(member.Load!)).Find(static because => because is not null);
            await limits.EnterAsync(call, open is [var first, ..] ? first.Key : null, protectedBecause, lifetime).ConfigureAwait(false);
        }
        catch
        {
            EndCall(call, open);
            throw;
        }
    }

    /// <summary>Ends the load of a call for several keys: its slots, and the waits of the loads of these keys.</summary>
    private static void EndCall<T>(Load<T> call, List<BatchMember<T>> open)
    {
        call.IsEnded = true;
        call.ReleaseSlots();
        foreach (var member in open)
            AmbientLoad.EndWait(member.Load!, call);
    }

    /// <summary>Records the values that no load of their own records for the parent: its value depends on them, and on the reads of the call.</summary>
    private void RecordUnshared<T>(LoadBatch<T> batch, Load call, Load? parent)
    {
        if (parent is null)
            return;
        foreach (var member in batch.Alone)
            AmbientLoad.Record(parent, member.Loader.Context, member.Key, member.Loader.CarriedBy(member.Key, call.Read, member.Tags, loadContext: null) ?? member.Tags);
        if (batch.Uncacheable.Count > 0)
            AmbientLoad.Record(parent, context, key: null, call.Read?.Snapshot());
    }

    /// <summary>Ends a load for which the source has no value. Callers that joined start again with their own factories.</summary>
    private void EndWithoutValue<T>(Load<T> load)
    {
        ReleaseLease(load);
        if (!TryClose(load))
            return;
        RecordFailed(load.Parent, load);
        foreach (var waiters in load.Joined ?? [])
            waiters.Complete(LoadResult<T>.Again);
    }
}
