using Unstale.Horizon;

namespace Unstale.Store;

/// <content>A load inside an open transaction: for its caller alone.</content>
internal sealed partial class Loader
{
    /// <summary>Calls the factory; nobody joins, nothing is kept. It still counts as a fill to those who ask who waits for whom.</summary>
    public async ValueTask<CacheResult<T>> LoadAloneAsync<TState, T>(
        string key, FillSource<TState, T> source, EntryLife life, CancellationToken cancellationToken)
    {
        var parent = FillScope.Current;
        FillScope.ThrowIfOwnKey(parent, key, this);
        var fill = new Fill<T>(this, FillIdentity.Of<T>(key, life), default, TagSet.Empty, parent, null);
        _ = FillScope.TryWait(parent, fill);
        FillScope.Enter(fill);
        var timing = FillTiming.Start(context);
        var failed = true;
        try
        {
            var value = await source.InvokeAsync(source.NewContext(key, context.MaximumKeyLength), cancellationToken).ConfigureAwait(false);
            failed = false;
            return new CacheResult<T>(value, CacheOutcome.Fill);
        }
        finally
        {
            fill.IsEnded = true;
            FillScope.EndWait(parent, fill);
            timing.End(context, failed);
        }
    }
}
