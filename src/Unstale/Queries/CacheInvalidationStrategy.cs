using Unstale.Telemetry;

namespace Unstale.Queries;

/// <summary>
/// What the events of one part of the domain make untrue. All rules that an event meets add up and are one record. A rule that
/// throws is reported to the caller, and all cached queries are invalidated: what it would have named is not known.
/// </summary>
public abstract class CacheInvalidationStrategy : IInvalidationStrategy
{
    private readonly QueryInvalidator _invalidator;
    private readonly MessageRules _rules = new();

    /// <summary>A strategy without rules; add them in the constructor.</summary>
    /// <param name="invalidator">Of the cache that holds the queries.</param>
    protected CacheInvalidationStrategy(QueryInvalidator invalidator)
    {
        ArgumentNullException.ThrowIfNull(invalidator);
        _invalidator = invalidator;
    }

    /// <inheritdoc/>
    public bool Handles(Type eventType)
    {
        ArgumentNullException.ThrowIfNull(eventType);
        return _rules.For(eventType).Length > 0;
    }

    /// <inheritdoc/>
    public virtual async ValueTask<IReadOnlyList<InvalidationReceipt>> InvalidateAsync(object domainEvent, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(domainEvent);
        var rules = _rules.For(domainEvent.GetType());
        if (rules.Length == 0)
            return [];
        var raised = await _invalidator.RaiseAsync(MessageKind.Event, domainEvent, result: null, rules, cancellationToken).ConfigureAwait(false);
        raised.ThrowIfFailed();
        return raised.Receipts;
    }

    /// <summary>Adds a rule. Rules may be added while events are handled; they count for events that come after.</summary>
    protected void AddRule(EventInvalidationRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        _rules.Add(rule.Compiled());
    }

    /// <summary>Adds a rule that names what is untrue from the event's data.</summary>
    protected void InvalidateOn<TEvent>(Action<TEvent, InvalidationSet> map) => AddRule(EventInvalidationRule.For(map));
}

/// <summary>The rules that were added where the cache was added.</summary>
internal sealed class AddedRules : CacheInvalidationStrategy
{
    public AddedRules(QueryInvalidator invalidator, IEnumerable<EventInvalidationRule> rules)
        : base(invalidator)
    {
        foreach (var rule in rules)
            AddRule(rule);
    }
}
