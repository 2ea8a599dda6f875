namespace Unstale.Values;

/// <summary>Checks the names used in rules, relationships and dependencies.</summary>
internal static class RuleNames
{
    /// <summary>Checks a type, a trigger or a dependency. Such a name must be exact, so <c>*</c> is rejected.</summary>
    public static void CheckType(string? name, string what)
    {
        Check(name, what);
        if (name == "*")
            throw Errors.EverythingAsName(what);
    }

    public static void Check(string? name, string what)
    {
        if (string.IsNullOrEmpty(name))
            throw Errors.EmptyName(what);
        if (name[0] == '\0')
            throw Errors.NullInFront(what);
        if (CacheNames.HalfPairIn(name) is var at and >= 0)
            throw Errors.HalfPair(what, at);
    }
}
