using System.Collections.Concurrent;

namespace Unstale.Queries;

/// <summary>What messages of a type make untrue.</summary>
/// <param name="Type">The type of the events or commands, a base type or an interface.</param>
/// <param name="Map">Adds to the set: message, result, set.</param>
/// <param name="IsLogged">Whether a line of the log says what was cleared.</param>
internal sealed record MessageRule(Type Type, Action<object, object?, InvalidationSet> Map, bool IsLogged);

/// <summary>Rules by the type of a message, in the order in which they were added; rules may be added at any time.</summary>
internal sealed class MessageRules
{
    private readonly Lock _gate = new();

    // Rules and what was found by them change together, as a whole.
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
