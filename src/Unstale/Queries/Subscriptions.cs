using Unstale.Boundary;

namespace Unstale.Queries;

/// <summary>Subscriptions to events. A publication reaches the subscriptions that existed at its beginning, except for ones that have since ended.</summary>
internal sealed class Subscriptions
{
    private readonly Lock _gate = new();
    private volatile Subscription[] _all = [];

    public IDisposable Add(Type type, Func<object, CancellationToken, ValueTask> handler, Func<CancellationToken, ValueTask>? onLost)
    {
        var added = new Subscription(this, type, handler, onLost);
        lock (_gate)
            _all = [.. _all, added];
        return added;
    }

    /// <summary>Passes the event to each subscriber in turn.</summary>
    /// <returns>Exceptions of the handlers; null if there are none.</returns>
    public async ValueTask<List<Exception>?> HandAsync(object domainEvent, CancellationToken cancellationToken)
    {
        List<Exception>? failures = null;
        foreach (var subscription in _all)
        {
            if (subscription.IsEnded || !subscription.Type.IsInstanceOfType(domainEvent))
                continue;
            var failure = await UserCode.CallAsync(
                CallOut.Handler, (subscription, domainEvent, cancellationToken), static s => s.subscription.Handler(s.domainEvent, s.cancellationToken)).ConfigureAwait(false);
            if (failure is not null)
                (failures ??= []).Add(failure);
        }

        return failures;
    }

    /// <summary>Notifies subscribers that events were lost.</summary>
    /// <inheritdoc cref="HandAsync"/>
    public async ValueTask<List<Exception>?> LostAsync(CancellationToken cancellationToken)
    {
        List<Exception>? failures = null;
        foreach (var subscription in _all)
        {
            if (subscription is not { IsEnded: false, OnLost: { } onLost })
                continue;
            var failure = await UserCode.CallAsync(CallOut.Handler, (onLost, cancellationToken), static s => s.onLost(s.cancellationToken)).ConfigureAwait(false);
            if (failure is not null)
                (failures ??= []).Add(failure);
        }

        return failures;
    }

    private void Remove(Subscription subscription)
    {
        lock (_gate)
            _all = Array.FindAll(_all, known => known != subscription);
    }

    private sealed class Subscription(
        Subscriptions owner, Type type, Func<object, CancellationToken, ValueTask> handler, Func<CancellationToken, ValueTask>? onLost) : IDisposable
    {
        private volatile bool _isEnded;

        public Type Type => type;

        public Func<object, CancellationToken, ValueTask> Handler => handler;

        public Func<CancellationToken, ValueTask>? OnLost => onLost;

        public bool IsEnded => _isEnded;

        public void Dispose()
        {
            _isEnded = true;
            owner.Remove(this);
        }
    }
}
