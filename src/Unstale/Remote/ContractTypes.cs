namespace Unstale.Remote;

/// <summary>Selection of the types that a serializer with contracts (attributes on the serialized types) writes in place of the built-in codecs.</summary>
internal static class ContractTypes
{
    /// <summary>
    /// Reports whether the serializer is used for a type: the type has a contract, or is an array or a generic type with a contract among its parts, all of which
    /// the serializer can write. All other types stay with the next factory and the built-in codecs.
    /// </summary>
    /// <param name="type">Type of the values.</param>
    /// <param name="hasContract">Whether a type has a contract. A type with a faulty contract is included, so that a write reports the fault.</param>
    /// <param name="canWrite">Whether the serializer can write a type.</param>
    public static bool Include(Type type, Predicate<Type> hasContract, Predicate<Type> canWrite)
    {
        if (hasContract(type))
            return true;
        var parts = new List<Type>();
        AddParts(type, parts);
        return parts.Exists(hasContract) && parts.TrueForAll(canWrite);
    }

    private static void AddParts(Type type, List<Type> parts)
    {
        parts.Add(type);
        if (type.GetElementType() is { } element)
            AddParts(element, parts);
        foreach (var argument in type.GetGenericArguments())
            AddParts(argument, parts);
    }
}
