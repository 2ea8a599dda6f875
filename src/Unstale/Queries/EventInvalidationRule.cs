namespace Unstale.Queries;

/// <summary>Rule that maps events of a type, of derived types and of implementing types to invalidations. All matching rules apply.</summary>
public sealed class EventInvalidationRule
{
    /// <summary>Creates a rule for a type of event.</summary>
    /// <param name="eventType">Type of the events, a base type or an interface.</param>
    public EventInvalidationRule(Type eventType)
    {
        ArgumentNullException.ThrowIfNull(eventType);
        EventType = eventType;
    }

    /// <summary>Type of the events.</summary>
    public Type EventType { get; }

    /// <summary>Key patterns to invalidate, the same for every event.</summary>
    public IReadOnlyCollection<KeyPattern> Patterns
    {
        get;
        init => field = [.. value];
    }

    = [];

    /// <summary>Tags to invalidate, the same for every event.</summary>
    public IReadOnlyCollection<string> Tags
    {
        get;
        init => field = [.. value];
    }

    = [];

    /// <summary>Keys to invalidate, the same for every event.</summary>
    public IReadOnlyCollection<string> Keys
    {
        get;
        init => field = [.. value];
    }

    = [];

    /// <summary>Whether the invalidation is logged with the number of removed entries. Default: true.</summary>
    public bool LogInvalidation { get; init; } = true;

    private Action<object, InvalidationSet>? Map { get; init; }

    /// <summary>Creates a rule that derives the invalidated names from the event's data.</summary>
    /// <param name="map">Delegate that adds names to the set.</param>
    /// <param name="logInvalidation">Whether the invalidation is logged with the number of removed entries.</param>
    public static EventInvalidationRule For<TEvent>(Action<TEvent, InvalidationSet> map, bool logInvalidation = true)
    {
        ArgumentNullException.ThrowIfNull(map);
        return new(typeof(TEvent)) { Map = (e, set) => map((TEvent)e, set), LogInvalidation = logInvalidation };
    }

    /// <summary>Creates a rule that invalidates the same patterns for every event.</summary>
    /// <param name="patterns">Patterns to invalidate.</param>
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
