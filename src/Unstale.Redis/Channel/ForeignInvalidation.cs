namespace Unstale.Redis.Channel;

/// <summary>Invalidation that a message of a foreign channel requests.</summary>
public sealed class ForeignInvalidation
{
    private ForeignInvalidation()
    {
    }

    /// <summary>No invalidation: the message has another subject.</summary>
    public static ForeignInvalidation Nothing { get; } = new();

    internal EntityType? Type { get; private init; }

    internal string? Id { get; private init; }

    internal ChangeOperation Operation { get; private init; }

    internal IReadOnlyList<string> Keys { get; private init; } = [];

    internal bool IsNothing => Type is null && Keys.Count == 0;

    /// <summary>
    /// Returns the invalidation of a changed entity: its key <c>resource:id</c>, and the tags that <see cref="IInvalidator"/> raises for a change.
    /// </summary>
    /// <param name="resource">Type of the entity.</param>
    /// <param name="id">Id of the entity; null for all entities of the type.</param>
    /// <param name="operation">Kind of the change.</param>
    public static ForeignInvalidation Changed(string resource, string? id, ChangeOperation operation = ChangeOperation.Update)
    {
        ArgumentException.ThrowIfNullOrEmpty(resource);
        return new() { Type = EntityType.FromWord(resource), Id = id, Operation = operation };
    }

    /// <summary>Returns the invalidation of cache keys, used unchanged.</summary>
    public static ForeignInvalidation OfKeys(params IReadOnlyList<string> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return new() { Keys = [.. keys] };
    }
}
