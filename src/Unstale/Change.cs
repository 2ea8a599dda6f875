using System.Collections.ObjectModel;
using Unstale.Rules;
using Unstale.Values;

namespace Unstale;

/// <summary>Change in the source of truth: the type of the resource, its id and the operation. Rules read a change and never modify it.</summary>
/// <param name="Resource">Type of the changed resource, for example <c>product</c>.</param>
/// <param name="Id">Id of the changed resource. Null if the id is unknown, or if all resources of the type changed.</param>
/// <param name="Operation">Operation on the resource. Default: update.</param>
public sealed record Change(string Resource, string? Id = null, ChangeOperation Operation = ChangeOperation.Update)
{
    /// <summary>Names of the changed fields. Empty if unknown.</summary>
    public IReadOnlyList<string> Fields
    {
        get;
        init => field = [.. value];
    }

    = [];

    /// <summary>Reach of the change. Default: <see cref="ChangeScope.Resource"/>.</summary>
    public ChangeScope Scope { get; init; }

    /// <summary>Further facts about the change: values of placeholders and conditions. A list represents several values.</summary>
    /// <remarks>
    /// The dictionary is copied with the comparer of a <see cref="Dictionary{TKey, TValue}"/>. Arrays and lists in the dictionary are copied too; other
    /// objects are stored as references. Reading a list as <see cref="IReadOnlyList{T}"/> works before and after the copy.
    /// </remarks>
    public IReadOnlyDictionary<string, object?> Context
    {
        get;
        init => field = ChangeContext.Copy(value);
    }

    = ReadOnlyDictionary<string, object?>.Empty;

    /// <summary>
    /// Values of columns before the change, as far as the database checked them; null if unknown. With <see cref="Before"/> or <see cref="After"/>, the change
    /// invalidates the values whose predicates (<see cref="LoadContext.DependsOn"/>) the row satisfies, before or after. <see cref="Resource"/> is the name of
    /// the table then. Without both, the change invalidates every value that depends on the table.
    /// </summary>
    /// <remarks>
    /// A column in neither dictionary is unknown, and unknown means invalidated. <see cref="Fields"/>, if set, must contain every column that changed,
    /// computed ones included. Types: Booleans, numbers, enumerations, texts, <see cref="Guid"/>, bytes, dates and times. A value of another type is unknown.
    /// </remarks>
    public IReadOnlyDictionary<string, object?>? Before
    {
        get;
        init => field = value is null ? null : ChangeContext.Copy(value);
    }

    /// <summary>Values of columns after the change, see <see cref="Before"/>.</summary>
    public IReadOnlyDictionary<string, object?>? After
    {
        get;
        init => field = value is null ? null : ChangeContext.Copy(value);
    }

    /// <exception cref="ArgumentException">A name is empty, or <see cref="ChangeScope.Entity"/> is used without an id.</exception>
    internal void Check()
    {
        if (Refusal() is { } refusal)
            throw refusal;
    }

    /// <summary>Returns the exception for an invalid resource or id; null if both are valid.</summary>
    internal ArgumentException? Refusal()
    {
        if (RefusalOf(Resource, "resource") is { } refusal)
            return refusal;
        if (Id is not null)
            return RefusalOf(Id, "id");
        return Scope == ChangeScope.Entity ? Errors.EntityWithoutId(Resource) : null;
    }

    /// <summary>
    /// Returns the exception for an invalid resource or id, or for a tag of the change that no entry can carry: <c>resource:id</c> and, unless the scope
    /// is a single entity, <c>resource</c>. Null if all are valid.
    /// </summary>
    internal ArgumentException? Refusal(int maximumLength)
    {
        if (Refusal() is { } invalid)
            return invalid;
        if (Scope != ChangeScope.Entity && CacheNames.TagRefusal(Resource, maximumLength) is { } refusal)
            return refusal;

        // Both parts are valid, so only the length of the whole can be refused.
        return Id is null || CacheNames.IsShort(Resource.Length + 1 + Id.Length, maximumLength) ? null : CacheNames.TagRefusal($"{Resource}:{Id}", maximumLength);
    }

    private static ArgumentException? RefusalOf(string? name, string what)
    {
        if (string.IsNullOrEmpty(name))
            return Errors.EmptyName(what);
        if (CacheNames.HalfPairIn(name) is var at and >= 0)
            return Errors.HalfPair(what, at);
        return what == "resource" && name[0] == '\0' ? Errors.NullInFront(what) : null;
    }

    /// <summary>Returns the reason stored with the record, for people: <c>Update product 4 (price)</c>.</summary>
    public override string ToString()
    {
        var (space, fields) = (Id is null ? "" : " ", Fields.Count == 0 ? "" : $" ({string.Join(", ", Fields)})");
        return $"{Operation} {Resource}{space}{Id}{fields}";
    }
}
