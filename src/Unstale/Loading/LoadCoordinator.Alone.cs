using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Telemetry;
using Unstale.Values;

namespace Unstale.Loading;

/// <content>Loads for a single caller: inside an open transaction, past the cache, or of a value that callers cannot share.</content>
internal sealed partial class LoadCoordinator
{
    /// <summary>Calls the factory. No caller joins the load, and nothing is stored. The load still counts in the graph of waiting loads.</summary>
    /// <param name="key">Key.</param>
    /// <param name="source">Factory.</param>
    /// <param name="life">Lifetime that an entry of the key would have.</param>
    /// <param name="tags">Tags of the call.</param>
    /// <param name="limitedBecause">Reason why the load needs a slot at the gate, for the message; null if none is needed.</param>
    /// <param name="cancellationToken">Cancels the load.</param>
    public async ValueTask<CacheResult<T>> LoadAloneAsync<TState, T>(
        string key, LoadFactory<TState, T> source, EntryLifetime life, string[] tags, string? limitedBecause, CancellationToken cancellationToken)
    {
        var parent = AmbientLoad.Current;
        AmbientLoad.ThrowIfOwnKey(parent, key, this);
        life = life with { RecordsReads = life.RecordsReads && parent is not null };
        var load = new Load<T>(this, LoadIdentity.For<T>(key, life), default, TagSet.Empty, parent, null);
        _ = AmbientLoad.TryWait(parent, load);
        AmbientLoad.Enter(load);
        var isInGate = limitedBecause is not null && await EnterGateAsync(load, limitedBecause, parent, cancellationToken).ConfigureAwait(false);
        var timing = LoadTiming.Start(context);
        Exception? failure = null;
        var isRecorded = AmbientLoad.BeginReads(load);
        var loadContext = source.NewContext(key, context, life);
        loadContext?.Load = load;
        try
        {
            var value = await InvokeAsync(key, source, loadContext, life, cancellationToken).ConfigureAwait(false);
            return new CacheResult<T>(context.Copies.Make(value, withRemote: false).Value, CacheOutcome.Load);
        }
        catch (Exception exception)
        {
            failure = exception;
            throw;
        }
        finally
        {
            load.IsEnded = true;
            loadContext?.End();
            if (isRecorded)
                AmbientLoad.EndReads();
            if (parent is not null)
                AmbientLoad.Record(parent, context, key, CarriedBy(key, load.Read, tags, loadContext) ?? tags);
            AmbientLoad.EndWait(parent, load);
            if (isInGate)
                gate.Leave();
            timing.End(context, key, failure);
        }
    }

    /// <summary>
    /// Calls the factory for a key that cannot be cached. Neither the key nor the value takes part in the graph of loads; reads of the factory belong to the
    /// load around the call.
    /// </summary>
    public async ValueTask<CacheResult<T>> LoadUncachedAsync<TState, T>(LoadFactory<TState, T> source, EntryLifetime life, CancellationToken cancellationToken)
    {
        var timing = LoadTiming.Start(context);
        Exception? failure = null;
        var loadContext = source.NewContext(string.Empty, context, life);
        try
        {
            var value = await InvokeAsync(string.Empty, source, loadContext, life, cancellationToken).ConfigureAwait(false);
            return new CacheResult<T>(value, CacheOutcome.Load);
        }
        catch (Exception exception)
        {
            failure = exception;
            throw;
        }
        finally
        {
            loadContext?.End();
            timing.End(context, string.Empty, failure);
        }
    }

    /// <summary>Acquires a slot among the concurrent loads. On failure, ends the load and the wait of the parent.</summary>
    private async ValueTask<bool> EnterGateAsync(Load load, string why, Load? parent, CancellationToken cancellationToken)
    {
        try
        {
            return await gate.EnterAsync(load, why, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            load.IsEnded = true;
            AmbientLoad.EndWait(parent, load);
            throw;
        }
    }

    private ValueTask<T> InvokeAsync<TState, T>(
        string key, LoadFactory<TState, T> source, LoadContext? loadContext, in EntryLifetime life, CancellationToken cancellationToken) =>
        life.LoadTimeout > 0
            ? InvokeWithinAsync(key, source, loadContext, life, cancellationToken)
            : source.InvokeAsync(loadContext, context.Pipeline, cancellationToken);

    /// <summary>
    /// Calls the factory with a time limit on the caller's thread, to which a transaction may belong. Code blocking the thread is not interrupted.
    /// </summary>
    private async ValueTask<T> InvokeWithinAsync<TState, T>(
        string key, LoadFactory<TState, T> source, LoadContext? loadContext, EntryLifetime life, CancellationToken cancellationToken)
    {
        var limit = TimeSpan.FromMilliseconds(life.LoadTimeout);
        var cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var load = source.InvokeAsync(loadContext, context.Pipeline, cancellation.Token).AsTask();
        try
        {
            return await load.WaitAsync(limit, context.Clock.Provider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            if (load.IsCompleted)
                return await load.ConfigureAwait(false);
        }
        finally
        {
            Observe(load);
            _ = WithoutExecutionContext.Start(
                (load, cancellation), static s => s.load.ContinueWith(static (_, source) => ((CancellationTokenSource)source!).Dispose(), s.cancellation, TaskScheduler.Default));
        }

        _ = WithoutExecutionContext.Start((Loader: this, cancellation), static s => s.Loader.CancelAsync(GuardedCancellation.CancelAsync(s.cancellation).AsTask()));
        context.Logger.LoadAbandoned(context.Name, limit);
        throw Errors.LoadTimeout(context.Name, key, limit);
    }
}
