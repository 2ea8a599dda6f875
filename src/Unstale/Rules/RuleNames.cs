namespace Unstale.Rules;

/// <summary>Checks the names that rules, relationships and dependencies are made of.</summary>
internal static class RuleNames
{
    /// <summary>A type, a trigger, or a name that something is computed from: exact, so <c>*</c> means nothing there.</summary>
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
