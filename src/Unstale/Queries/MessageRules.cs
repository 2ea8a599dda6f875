using System.Collections.Concurrent;

namespace Unstale.Queries;

/// <summary>Rule that maps messages of a type to invalidations.</summary>
/// <param name="Type">Type of the events or commands, a base type or an interface.</param>
/// <param name="Map">Delegate that receives the message, the result and the set to add to.</param>
/// <param name="IsLogged">Whether the invalidation is logged with the number of removed entries.</param>
internal sealed record MessageRule(Type Type, Action<object, object?, InvalidationSet> Map, bool IsLogged);

/// <summary>Rules by message type, in the order of addition. Rules can be added at any time.</summary>
internal sealed class MessageRules
{
    private readonly Lock _gate = new();

    // Replaced as a whole, so that cached lookups always match the rules.
    private volatile Table _table = new([]);

    public void Add(MessageRule rule)
    {
        lock (_gate)
            _table = new Table([.. _table.Rules, rule]);
    }

    public MessageRule[] For(Type type) => _table.For(type);

    private sealed class Table(MessageRule[] rules)
    {
        private readonly ConcurrentDictionary<Type, MessageRule[]> _found = new();

        public MessageRule[] Rules => rules;

        public MessageRule[] For(Type type) =>
            _found.TryGetValue(type, out var found) ? found : _found.GetOrAdd(type, Array.FindAll(rules, rule => rule.Type.IsAssignableFrom(type)));
    }
}
