using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Boundary;
using Unstale.Remote;
using Unstale.Telemetry;
using Unstale.Values;

namespace Unstale.Loading;

/// <content>One load, from the second level or the source to its end.</content>
internal sealed partial class LoadCoordinator
{
    /// <summary>Runs a plain load in a single async method: a factory that completes synchronously does not cost a second one.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<CacheResult<T>> RunAsync<TState, T>(Load<T> load, LoadFactory<TState, T> source, EntryLifetime life)
    {
        var timing = default(LoadTiming);
        var isRecorded = false;
        try
        {
            if (load.Remote is { } remote)
            {
                var answer = await _remote!.ReadAsync(load, life, this, static (loader, f, hit) => loader.TryRead((Load<T>)f, hit)).ConfigureAwait(false);
                remote.Lease = answer.Lease;
                using var hit = answer.Hit;
                load.Token.ThrowIfCancellationRequested(); // a canceller removes the lease afterwards, so one of the two returns it
                if (hit is not null)
                    return AcceptRemote(load, hit, remote.Value, source, life);
            }

            AmbientLoad.Enter(load);
            if (life.Skips(HybridCacheEntryFlags.DisableUnderlyingData))
                return End(load, new Loaded<T>(default!, null, load.Ticket.Stamp, CacheOutcome.None), life, out _, out _);
            var token = load.Token.CanBeCanceled ? load.Token : lifetime;
            if (!load.Ticket.Trusted || IsCold(load))
                await EnterGateAsync(load, token).ConfigureAwait(false);
            if (!load.Ticket.Trusted)
                context.Metrics.UntrustedLoad();
            using var activity = Activities.Load(context.Name, load.Links);
            var loadContext = source.NewContext(load.Key, context, life);
            loadContext?.Load = load;
            loadContext?.Loader = life.Skips(HybridCacheEntryFlags.DisableLocalCacheRead) ? null : this;
            timing = LoadTiming.Start(context);
            isRecorded = AmbientLoad.BeginReads(load);
            var value = await source.InvokeAsync(loadContext, context.Pipeline, token).ConfigureAwait(false);
            timing.End(context, load.Key, failure: null);
            timing = default;
            return EndLoaded(load, value, loadContext, life);
        }
        catch (NoValueException)
        {
            timing.End(context, load.Key, failure: null);
            EndWithoutValue(load);
            throw;
        }
        catch (Exception exception)
        {
            timing.End(context, load.Key, exception);
            ReleaseLease(load);
            Fail(load, exception);
            throw;
        }
        finally
        {
            if (isRecorded)
                AmbientLoad.EndReads();
            if (load.LeavePlace())
                gate.Leave();
        }
    }

    private async ValueTask EnterGateAsync(Load load, CancellationToken token)
    {
        if (!await gate.EnterAsync(load, load.Ticket.Trusted ? Errors.Cold : Errors.Untrusted, token).ConfigureAwait(false))
            return;
        load.MarkSlotUsed();
        token.ThrowIfCancellationRequested(); // for the same reason as with the lease
    }

    private CacheResult<T> EndLoaded<T>(Load<T> load, T value, LoadContext? loadContext, EntryLifetime asked)
    {
        loadContext?.End();
        var life = Spread(load, asked.With(loadContext).Jittered());
        var carried = CarriedBy(load.Key, load.Read, load.Tags.Names, loadContext);
        if (load.Read is { IsTooMany: true })
            context.TooManyDependencies();
        var copy = context.Copies.Make(value, withRemote: load.Remote?.Lease is not null);
        var mayKeep = loadContext is not { IsStored: false } && copy is { MayBeGiven: true, IsTooLarge: false } && life.Expiration > 0;
        var leaves = loadContext is { LeavesStored: true };
        var loaded = new Loaded<T>(copy.Value, copy.Payload, load.Ticket.Stamp, CacheOutcome.Load)
        {
            IsKept = mayKeep && !load.IsTainted,
            MayBeGiven = copy.MayBeGiven,
            Size = copy.Size,
            ReplacesHere = (!mayKeep && !leaves) || (!life.KeepsHere && (load.IsRefresh || asked.KeepsHere)),
            Carried = carried,
        };
        var result = End(load, loaded, life, out var isTrue, out var names);
        var keepsRemotely = life.KeepsRemotely && copy.Failure is null;
        if (load.Remote?.DetachLease() is { } lease)
            _remote!.EndBehind(lease, load, names, loaded, isTrue && keepsRemotely, replaces: (!mayKeep || !keepsRemotely) && !leaves, life);
        return result;
    }

    private bool IsCold(Load load) => load.Ticket.BeganAt < context.Horizon.View.ColdUntil;

    /// <summary>Shortens the lifetime at random while many entries are loaded again at once, so that the entries do not all expire at once.</summary>
    private EntryLifetime Spread(Load load, in EntryLifetime life) => IsCold(load) ? life.Shortened(Random.Shared.NextDouble() / 10) : life;

    /// <summary>Reads a value of the second level. A value of another type or serializer counts as a miss and is replaced by the loaded one.</summary>
    private bool TryRead<T>(Load<T> load, RemoteHit hit)
    {
        if (context.Codecs.For<T>().RunsUserCode)
            AmbientLoad.Enter(load); // reads by the serializer belong to this load; the setting ends with the async flow of the remote level
        var failure = UserCode.Call(
            CallOut.Serializer,
            (context.Codecs, hit),
            static s => s.Codecs.For<T>() is var codec && codec.Identity == s.hit.Identity ? (true, codec.Deserialize(new ReadOnlySequence<byte>(s.hit.Payload))) : default,
            out (bool IsOne, T Value) read);
        if (failure is not null)
            context.RemoteFailed(failure);
        load.Remote!.Value = read.Value;
        return read.IsOne;
    }

    private CacheResult<T> AcceptRemote<TState, T>(Load<T> load, RemoteHit hit, T value, LoadFactory<TState, T> source, EntryLifetime life)
    {
        context.Metrics.RemoteHit();
        var remaining = (long)hit.Remaining.TotalMilliseconds;
        var freshFor = life.IsFreshThroughout ? remaining : life.FreshFor - (long)hit.Age.TotalMilliseconds;
        var left = life with { LocalExpiration = Math.Min(life.LocalExpiration, remaining), FreshFor = freshFor };
        var unmeasured = context.Copies.Measure(value, hit.Payload.Length, out var size);
        if (unmeasured is not null)
            context.RemoteFailed(unmeasured);
        var loaded = new Loaded<T>(value, ValueCodec<T>.Shared ? null : hit.Payload.ToArray(), load.Remote!.Stamp, CacheOutcome.Remote)
        {
            IsKept = unmeasured is null,
            Size = size,
        };
        var result = End(load, loaded, Spread(load, left), out _, out _);
        if (freshFor <= 0)
            RefreshBehind(load.Key, context.Entries.Find(load.Key), source, life, load.Tags.Tags);
        return result;
    }
}
