namespace Unstale;

/// <summary>A fact about the source of truth.</summary>
internal sealed record Change(string Resource, string? Id, ChangeOperation Operation, IReadOnlyList<string> Fields, ChangeScope Scope)
{
    /// <summary>The tags that the change raises: <c>resource:id</c> and, unless it is about one entity alone, <c>resource</c>.</summary>
    public IReadOnlyList<string> Tags()
    {
        if (string.IsNullOrEmpty(Resource))
            throw Errors.EmptyName("resource");
        if (Id is { Length: 0 })
            throw Errors.EmptyName("id");
        return (Id, Scope) switch
        {
            (null, ChangeScope.Entity) => throw Errors.EntityWithoutId(Resource),
            (null, _) => [Resource],
            (_, ChangeScope.Entity) => [$"{Resource}:{Id}"],
            _ => [Resource, $"{Resource}:{Id}"],
        };
    }

    /// <summary>The reason that goes with the record, for people: <c>Update product 4 (price)</c>.</summary>
    public override string ToString()
    {
        var what = Id is null ? Resource : $"{Resource} {Id}";
        return Fields.Count == 0 ? $"{Operation} {what}" : $"{Operation} {what} ({string.Join(", ", Fields)})";
    }
}
