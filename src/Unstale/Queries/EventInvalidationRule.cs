namespace Unstale.Queries;

/// <summary>What events of a type, of types derived from it, or that implement it, make untrue. Rules add up.</summary>
public sealed class EventInvalidationRule
{
    /// <summary>A rule for a type of events.</summary>
    /// <param name="eventType">The type, a base type or an interface.</param>
    public EventInvalidationRule(Type eventType)
    {
        ArgumentNullException.ThrowIfNull(eventType);
        EventType = eventType;
    }

    /// <summary>The type of the events.</summary>
    public Type EventType { get; }

    /// <summary>Patterns over keys, the same for every event.</summary>
    public IReadOnlyCollection<KeyPattern> Patterns
    {
        get;
        init => field = [.. value];
    }

    = [];

    /// <summary>Tags, the same for every event.</summary>
    public IReadOnlyCollection<string> Tags
    {
        get;
        init => field = [.. value];
    }

    = [];

    /// <summary>Keys, the same for every event.</summary>
    public IReadOnlyCollection<string> Keys
    {
        get;
        init => field = [.. value];
    }

    = [];

    /// <summary>Whether a line of the log says what was cleared. Default: true.</summary>
    public bool LogInvalidation { get; init; } = true;

    private Action<object, InvalidationSet>? Map { get; init; }

    /// <summary>A rule that names what is untrue from the event's data.</summary>
    /// <param name="map">Adds to the set.</param>
    /// <param name="logInvalidation">Whether a line of the log says what was cleared.</param>
    public static EventInvalidationRule For<TEvent>(Action<TEvent, InvalidationSet> map, bool logInvalidation = true)
    {
        ArgumentNullException.ThrowIfNull(map);
        return new(typeof(TEvent)) { Map = (e, set) => map((TEvent)e, set), LogInvalidation = logInvalidation };
    }

    /// <summary>A rule that takes the same patterns for every event.</summary>
    /// <param name="patterns">The patterns.</param>
    public static EventInvalidationRule For<TEvent>(params IReadOnlyCollection<KeyPattern> patterns) => new(typeof(TEvent)) { Patterns = patterns };

    internal MessageRule Compiled() => new(EventType, Add, LogInvalidation);

    private void Add(object domainEvent, object? result, InvalidationSet set)
    {
        foreach (var pattern in Patterns)
            set.Add(pattern, pattern.Text);
        set.Tags([.. Tags]).Keys([.. Keys]);
        Map?.Invoke(domainEvent, set);
    }
}
