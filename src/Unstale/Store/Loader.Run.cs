using System.Buffers;
using Microsoft.Extensions.Caching.Hybrid;
using System.Runtime.CompilerServices;
using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Remote;
using Unstale.Telemetry;

namespace Unstale.Store;

/// <content>One load, from the second level or the source to its end.</content>
internal sealed partial class Loader
{
    /// <summary>Runs a plain load in a single async method: a factory that completes synchronously does not cost a second one.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<CacheResult<T>> RunAsync<TState, T>(Fill<T> fill, FillSource<TState, T> source, EntryLife life)
    {
        var timing = default(FillTiming);
        var isRecorded = false;
        try
        {
            if (_remote is not null && fill.Ticket.MayAskRemote)
            {
                var answer = await _remote.ReadAsync(fill, life, this, static (loader, f, hit) => loader.TryRead((Fill<T>)f, hit)).ConfigureAwait(false);
                fill.Lease = answer.Lease;
                using var hit = answer.Hit;
                fill.Token.ThrowIfCancellationRequested(); // a canceller removes the lease afterwards, so one of the two returns it
                if (hit is not null)
                    return TakeRemote(fill, hit, fill.Remote, source, life);
            }

            FillScope.Enter(fill);
            if (life.Skips(HybridCacheEntryFlags.DisableUnderlyingData))
                return End(fill, new Loaded<T>(default!, null, fill.Ticket.Stamp, CacheOutcome.None), life, out _);
            var token = fill.Token.CanBeCanceled ? fill.Token : lifetime;
            if (!fill.Ticket.Trusted || IsCold(fill))
                await EnterGateAsync(fill, token).ConfigureAwait(false);
            if (!fill.Ticket.Trusted)
                context.Metrics.UntrustedLoad();
            using var activity = Activities.Fill(context.Name, fill.Links);
            var fillContext = source.NewContext(fill.Key, context, life);
            timing = FillTiming.Start(context);
            isRecorded = FillScope.BeginReads(fill);
            var value = await source.InvokeAsync(fillContext, token).ConfigureAwait(false);
            timing.End(context, failed: false);
            timing = default;
            return EndLoaded(fill, value, fillContext, life);
        }
        catch (Exception exception)
        {
            timing.End(context, failed: true);
            if (fill.TakeLease() is { } lease)
                _remote!.ReleaseBehind(lease);
            Fail(fill, exception);
            throw;
        }
        finally
        {
            if (isRecorded)
                FillScope.EndReads();
            if (fill.LeavePlace())
                gate.Leave();
        }
    }

    private async ValueTask EnterGateAsync(Fill fill, CancellationToken token)
    {
        if (!await gate.EnterAsync(fill, fill.Ticket.Trusted ? Errors.Cold : Errors.Untrusted, token).ConfigureAwait(false))
            return;
        fill.TakePlace();
        token.ThrowIfCancellationRequested(); // for the same reason as with the lease
    }

    private CacheResult<T> EndLoaded<T>(Fill<T> fill, T value, FillContext? fillContext, EntryLife asked)
    {
        fillContext?.End();
        var life = Spread(fill, asked.With(fillContext));
        var carried = CarriedBy(fill, fill.Tags.Names, fillContext);
        if (fill.Read is { IsTooMany: true })
            context.TooManyDependencies();
        var copy = context.Copies.Make(value, withRemote: fill.Lease is not null);
        var mayKeep = fillContext is not { IsStored: false } && copy is { MayBeGiven: true, IsTooLarge: false } && life.Expiration > 0;
        var loaded = new Loaded<T>(copy.Value, copy.Payload, fill.Ticket.Stamp, CacheOutcome.Fill)
        {
            IsKept = mayKeep && !fill.IsTainted,
            MayBeGiven = copy.MayBeGiven,
            ReplacesHere = !mayKeep || (!life.KeepsHere && (fill.IsRefresh || asked.KeepsHere)),
            Carried = carried,
        };
        var result = End(fill, loaded, life, out var isTrue);
        var keepsRemotely = life.KeepsRemotely && copy.Failure is null;
        if (fill.TakeLease() is { } lease)
            _remote!.EndBehind(lease, fill, loaded, isTrue && keepsRemotely, replaces: !mayKeep || !keepsRemotely, life);
        return result;
    }

    private bool IsCold(Fill fill) => fill.Ticket.BeganAt < context.Horizon.View.ColdUntil;

    /// <summary>Shortens the lifetime at random while many entries are loaded again at once, so that the entries do not all expire at once.</summary>
    private EntryLife Spread(Fill fill, in EntryLife life) => IsCold(fill) ? life.Shortened(Random.Shared.NextDouble() / 10) : life;

    /// <summary>Reads a value of the second level. A value of another type or serializer counts as a miss and is replaced by the loaded one.</summary>
    private bool TryRead<T>(Fill<T> fill, RemoteHit hit)
    {
        if (context.Codecs.For<T>().RunsUserCode)
            FillScope.Enter(fill); // reads by the serializer belong to this load; the setting ends with the async flow of the remote level
        var failure = UserCode.Call(
            CallOut.Serializer,
            (context.Codecs, hit),
            static s => s.Codecs.For<T>() is var codec && codec.Identity == s.hit.Identity ? (true, codec.Deserialize(new ReadOnlySequence<byte>(s.hit.Payload))) : default,
            out (bool IsOne, T Value) read);
        if (failure is not null)
            context.RemoteFailed(failure);
        fill.Remote = read.Value;
        return read.IsOne;
    }

    private CacheResult<T> TakeRemote<TState, T>(Fill<T> fill, RemoteHit hit, T value, FillSource<TState, T> source, EntryLife life)
    {
        context.Metrics.RemoteHit();
        var remaining = (long)hit.Remaining.TotalMilliseconds;
        var freshFor = life.IsFreshThroughout ? remaining : life.FreshFor - (long)hit.Age.TotalMilliseconds;
        var left = life with { LocalExpiration = Math.Min(life.LocalExpiration, remaining), FreshFor = freshFor };
        var loaded = new Loaded<T>(value, ValueCodec<T>.Shared ? null : hit.Payload.ToArray(), fill.RemoteStamp, CacheOutcome.Remote) { IsKept = true };
        var result = End(fill, loaded, Spread(fill, left), out _);
        if (freshFor <= 0)
            RefreshBehind(fill.Key, context.Entries.Find(fill.Key), source, life, fill.Tags.Tags);
        return result;
    }
}
