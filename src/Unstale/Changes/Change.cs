using System.Collections.ObjectModel;

namespace Unstale;

/// <summary>A fact about the source of truth: what changed, which one, and what happened to it. Rules read it and never write to it.</summary>
/// <param name="Resource">The type of what changed, for example <c>product</c>.</param>
/// <param name="Id">Which one; null when it is not known, or when all of them changed.</param>
/// <param name="Operation">What happened to it.</param>
public sealed record Change(string Resource, string? Id = null, ChangeOperation Operation = ChangeOperation.Update)
{
    /// <summary>Which fields changed; empty when that is not known.</summary>
    public IReadOnlyList<string> Fields
    {
        get;
        init => field = [.. value];
    }

    = [];

    /// <summary>How far the change reaches. Default: <see cref="ChangeScope.Resource"/>.</summary>
    public ChangeScope Scope { get; init; }

    /// <summary>Further facts about the change: values of placeholders and of conditions. A list stands for several values.</summary>
    /// <remarks>
    /// The dictionary is copied, with the comparer of a <see cref="Dictionary{TKey, TValue}"/>, and so are arrays and lists in it; other objects are
    /// held as they are. Reading a list as <see cref="IReadOnlyList{T}"/> works before and after the copy.
    /// </remarks>
    public IReadOnlyDictionary<string, object?> Context
    {
        get;
        init => field = ChangeContext.Copy(value);
    }

    = ReadOnlyDictionary<string, object?>.Empty;

    /// <summary>The tags that the change raises: <c>resource:id</c> and, unless it is about one entity alone, <c>resource</c>.</summary>
    internal IReadOnlyList<string> Tags() => (Id, Scope) switch
    {
        (null, _) => [Resource],
        (_, ChangeScope.Entity) => [$"{Resource}:{Id}"],
        _ => [Resource, $"{Resource}:{Id}"],
    };

    /// <exception cref="ArgumentException">A name is empty, or <see cref="ChangeScope.Entity"/> goes without an id.</exception>
    internal void Check()
    {
        if (Refusal() is { } refusal)
            throw refusal;
    }

    /// <summary>The exception that refuses the resource or the id; null if both are accepted.</summary>
    internal ArgumentException? Refusal()
    {
        if (RefusalOf(Resource, "resource") is { } refusal)
            return refusal;
        if (Id is not null)
            return RefusalOf(Id, "id");
        return Scope == ChangeScope.Entity ? Errors.EntityWithoutId(Resource) : null;
    }

    private static ArgumentException? RefusalOf(string? name, string what)
    {
        if (string.IsNullOrEmpty(name))
            return Errors.EmptyName(what);
        if (CacheNames.HalfPairIn(name) is var at and >= 0)
            return Errors.HalfPair(what, at);
        return what == "resource" && name[0] == '\0' ? Errors.NullInFront(what) : null;
    }

    /// <summary>The reason that goes with the record, for people: <c>Update product 4 (price)</c>.</summary>
    public override string ToString()
    {
        var what = Id is null ? Resource : $"{Resource} {Id}";
        return Fields.Count == 0 ? $"{Operation} {what}" : $"{Operation} {what} ({string.Join(", ", Fields)})";
    }
}
