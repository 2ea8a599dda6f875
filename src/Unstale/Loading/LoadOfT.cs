using Unstale.Horizon;

namespace Unstale.Loading;

/// <inheritdoc/>
internal sealed class Load<T>(LoadCoordinator loader, LoadIdentity identity, LoadTicket ticket, TagSet tags, Load? parent, CancellationTokenSource? cancellation)
    : Load(loader, identity, ticket, tags, parent, cancellation)
{
    /// <summary>Callers that joined, in groups separated by marks; null as long as there are none.</summary>
    public List<LoadWaiters<T>>? Joined { get; private set; }

    /// <inheritdoc/>
    public override RemoteRead<T>? Remote { get; } = ticket.MayAskRemote ? new() : null;

    public LoadWaiters<T> Join(long tick)
    {
        Waiting++;
        Joined ??= [];
        if (Joined.Count == 0 || Joined[^1].Tick != tick)
            Joined.Add(new LoadWaiters<T>(tick));
        return Joined[^1];
    }
}
