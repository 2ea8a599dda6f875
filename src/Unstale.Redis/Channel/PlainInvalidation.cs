namespace Unstale.Redis.Channel;

/// <summary>What a message of a plain channel says is to be forgotten.</summary>
public sealed class PlainInvalidation
{
    private PlainInvalidation()
    {
    }

    /// <summary>Nothing: the message is about something else.</summary>
    public static PlainInvalidation Nothing { get; } = new();

    internal EntityType? Type { get; private init; }

    internal string? Id { get; private init; }

    internal ChangeOperation Operation { get; private init; }

    internal IReadOnlyList<string> Keys { get; private init; } = [];

    internal bool IsNothing => Type is null && Keys.Count == 0;

    /// <summary>An entity has changed: its key <c>resource:id</c>, and the tags that <see cref="IInvalidator"/> raises for a change.</summary>
    /// <param name="resource">The type of what changed.</param>
    /// <param name="id">Which one; null for all of them.</param>
    /// <param name="operation">What happened to it.</param>
    public static PlainInvalidation Changed(string resource, string? id, ChangeOperation operation = ChangeOperation.Update)
    {
        ArgumentException.ThrowIfNullOrEmpty(resource);
        return new() { Type = EntityType.FromWord(resource), Id = id, Operation = operation };
    }

    /// <summary>Cache keys, as they are.</summary>
    public static PlainInvalidation OfKeys(params IReadOnlyList<string> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return new() { Keys = [.. keys] };
    }
}
