using Unstale.Boundary;

namespace Unstale.Queries;

/// <summary>
/// Combines several strategies and runs them in order. A strategy that fails does not stop the others: each strategy appends a record of
/// its own, and all failures are reported together.
/// </summary>
public sealed class CompositeInvalidationStrategy : IInvalidationStrategy
{
    private readonly Lock _gate = new();
    private volatile IInvalidationStrategy[] _strategies;

    /// <summary>Creates a composite of the given strategies, in order.</summary>
    public CompositeInvalidationStrategy(params IEnumerable<IInvalidationStrategy> strategies) => _strategies = [.. strategies];

    /// <summary>Adds a strategy at the end.</summary>
    /// <returns>This instance.</returns>
    public CompositeInvalidationStrategy Add(IInvalidationStrategy strategy)
    {
        ArgumentNullException.ThrowIfNull(strategy);
        lock (_gate)
            _strategies = [.. _strategies, strategy];
        return this;
    }

    /// <inheritdoc/>
    /// <remarks>A strategy that throws is treated as handling the type.</remarks>
    public bool Handles(Type eventType) => Array.Exists(
        _strategies,
        strategy => UserCode.Call(CallOut.Rule, (strategy, eventType), static s => s.strategy.Handles(s.eventType), out var handles) is not null || handles);

    /// <inheritdoc/>
    /// <exception cref="AggregateException">One or more strategies failed. The other strategies have completed.</exception>
    public async ValueTask<IReadOnlyList<InvalidationReceipt>> InvalidateAsync(object domainEvent, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(domainEvent);
        var receipts = new List<InvalidationReceipt>();
        var failures = new List<Exception>();
        foreach (var strategy in _strategies)
        {
            var failure = await UserCode.CallAsync(
                CallOut.Rule,
                (strategy, domainEvent, receipts, cancellationToken),
                static async s => s.receipts.AddRange(await s.strategy.InvalidateAsync(s.domainEvent, s.cancellationToken).ConfigureAwait(false))).ConfigureAwait(false);
            if (failure is not null)
                failures.Add(failure);
        }

        return failures.Count == 0 ? receipts : throw new AggregateException(failures);
    }
}
