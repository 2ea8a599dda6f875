using Unstale.Telemetry;

namespace Unstale.Queries;

/// <summary>
/// Maps the events of one part of the domain to invalidations. The names added by all rules that match an event form one record. If a rule
/// throws, the exception is reported to the caller, and all cached queries are invalidated because the remaining names are unknown.
/// </summary>
public abstract class CacheInvalidationStrategy : IInvalidationStrategy
{
    private readonly QueryInvalidator _invalidator;
    private readonly MessageRules _rules = new();

    /// <summary>Creates a strategy without rules. Derived classes add rules in the constructor.</summary>
    /// <param name="invalidator">Invalidator of the cache that holds the queries.</param>
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

    /// <summary>Adds a rule. Rules can be added while events are handled and apply to later events.</summary>
    protected void AddRule(EventInvalidationRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        _rules.Add(rule.Compiled());
    }

    /// <summary>Adds a rule that derives the invalidated names from the event's data.</summary>
    protected void InvalidateOn<TEvent>(Action<TEvent, InvalidationSet> map) => AddRule(EventInvalidationRule.For(map));
}

/// <summary>Strategy that contains the rules from the registration of the cache.</summary>
internal sealed class AddedRules : CacheInvalidationStrategy
{
    public AddedRules(QueryInvalidator invalidator, IEnumerable<EventInvalidationRule> rules)
        : base(invalidator)
    {
        foreach (var rule in rules)
            AddRule(rule);
    }
}
