using Unstale.Boundary;

namespace Unstale.Queries;

/// <summary>
/// Several strategies as one, in order. One that fails does not stop the others: each is its own record, and the failures are reported
/// together.
/// </summary>
public sealed class CompositeInvalidationStrategy : IInvalidationStrategy
{
    private readonly Lock _gate = new();
    private volatile IInvalidationStrategy[] _strategies;

    /// <summary>The strategies, in order.</summary>
    public CompositeInvalidationStrategy(params IEnumerable<IInvalidationStrategy> strategies) => _strategies = [.. strategies];

    /// <summary>Adds one at the end.</summary>
    /// <returns>This.</returns>
    public CompositeInvalidationStrategy Add(IInvalidationStrategy strategy)
    {
        ArgumentNullException.ThrowIfNull(strategy);
        lock (_gate)
            _strategies = [.. _strategies, strategy];
        return this;
    }

    /// <inheritdoc/>
    /// <remarks>A strategy that throws counts as one that handles the type.</remarks>
    public bool Handles(Type eventType) => Array.Exists(
        _strategies,
        strategy => UserCode.Call(CallOut.Rule, (strategy, eventType), static s => s.strategy.Handles(s.eventType), out var handles) is not null || handles);

    /// <inheritdoc/>
    /// <exception cref="AggregateException">What the strategies threw that failed; the others have done their part.</exception>
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
