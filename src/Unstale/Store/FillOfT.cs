using Unstale.Horizon;

namespace Unstale.Store;

/// <inheritdoc/>
internal sealed class Fill<T>(Loader loader, FillIdentity identity, FillTicket ticket, TagSet tags, Fill? parent, CancellationTokenSource? cancellation)
    : Fill(loader, identity, ticket, tags, parent, cancellation)
{
    /// <summary>Callers that joined, in groups separated by marks; null as long as there are none.</summary>
    public List<FillWaiters<T>>? Joined { get; private set; }

    /// <summary>Value read from the second level.</summary>
    public T Remote { get; set; } = default!;

    public FillWaiters<T> Join(long tick)
    {
        Waiting++;
        Joined ??= [];
        if (Joined.Count == 0 || Joined[^1].Tick != tick)
            Joined.Add(new FillWaiters<T>(tick));
        return Joined[^1];
    }
}
