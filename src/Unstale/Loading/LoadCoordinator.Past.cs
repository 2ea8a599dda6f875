using Unstale.Telemetry;
using Unstale.Values;

namespace Unstale.Loading;

/// <content>Loads past the cache, shared by the reads that were waiting when the load began.</content>
internal sealed partial class LoadCoordinator
{
    /// <summary>Time in milliseconds after which a running load no longer delays the next one.</summary>
    private const long PatienceWithPrevious = 1000;

    private readonly BypassedLoads _bypassed = new();

    /// <summary>Loads a value read from the source after this call began. Nothing is stored.</summary>
    public async ValueTask<CacheResult<T>> LoadPastAsync<TState, T>(
        string key, LoadFactory<TState, T> source, EntryLifetime life, string[] tags, CancellationToken cancellationToken)
    {
        // A read inside a factory could wait for the load to which the factory itself belongs.
        if (AmbientLoad.Current is not null)
            return await LoadAloneAsync(key, source, life, tags, Errors.Bypassed, cancellationToken).ConfigureAwait(false);
        var identity = LoadIdentity.For<T>(key, life);
        var began = context.Clock.Now;
        while (true)
        {
            if (_bypassed.Enter<T>(identity, out var load, out var before))
                return await RunPastAsync(identity, load, before, source, life, tags, cancellationToken).ConfigureAwait(false);
            context.Metrics.Join();
            var answer = await ResultOfAsync(load, key, life, began, cancellationToken).ConfigureAwait(false);
            T? value = answer.Value;
            if (!answer.StartAgain && (answer.Payload is not { } payload || context.Copies.TryRead(payload, out value)))
                return new CacheResult<T>(value!, CacheOutcome.Joined);
        }
    }

    /// <summary>
    /// Waits for a shared load. If the token of another caller cancelled the load, the caller must start again. All waits of one call share one
    /// limit.
    /// </summary>
    private async ValueTask<LoadResult<T>> ResultOfAsync<T>(
        BypassedLoad<T> load, string key, EntryLifetime life, long began, CancellationToken cancellationToken)
    {
        var limit = TimeSpan.FromMilliseconds(life.WaitTimeout);
        var left = life.WaitTimeout > 0 ? TimeSpan.FromMilliseconds(Math.Max(0, began + life.WaitTimeout - context.Clock.Now)) : Timeout.InfiniteTimeSpan;
        try
        {
            return await load.Task.WaitAsync(left, context.Clock.Provider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException) when (life.WaitTimeout > 0 && !load.Task.IsCompleted)
        {
            throw Errors.WaitTimeout(context.Name, key, limit);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && !load.Task.IsCompleted)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (OperationCanceledException canceled) when (IsOfAnother(canceled, cancellationToken))
        {
            return LoadResult<T>.Again;
        }
    }

    private async ValueTask<CacheResult<T>> RunPastAsync<TState, T>(
        LoadIdentity identity,
        BypassedLoad<T> load,
        BypassedLoad? before,
        LoadFactory<TState, T> source,
        EntryLifetime life,
        string[] tags,
        CancellationToken cancellationToken)
    {
        var answer = LoadResult<T>.Again;
        try
        {
            var patience = life.WaitTimeout > 0 ? TimeSpan.FromMilliseconds(Math.Min(life.WaitTimeout, PatienceWithPrevious)) : TimeSpan.FromMilliseconds(PatienceWithPrevious);
            if (before is not null)
                await before.Ended.WaitAsync(patience, context.Clock.Provider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            _bypassed.Begin(identity, load);
            var result = await LoadAloneAsync(identity.Key, source, life, tags, Errors.Bypassed, cancellationToken).ConfigureAwait(false);
            answer = ResultOf(result.Value, _bypassed.End(identity, load));
            return result;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            _bypassed.End(identity, load);
            load.Fail(exception);
            throw;
        }
        finally
        {
            // If this caller gives up, the other callers start again.
            _bypassed.End(identity, load);
            load.Answer(answer);
        }
    }

    /// <summary>
    /// Returns the result for the other callers: a copy for each, unless the value may be shared. A value that cannot be copied is not shared; each
    /// of the callers loads the value itself.
    /// </summary>
    private LoadResult<T> ResultOf<T>(T value, int followers)
    {
        if (followers == 0)
            return LoadResult<T>.Again;
        var copy = context.Copies.Make(value, withRemote: false);
        if (copy.MayBeGiven)
            return new(StartAgain: false, value, copy.Payload);
        context.Logger.BypassedLoadNotShared(copy.Failure!, context.Name);
        return LoadResult<T>.Again;
    }
}
