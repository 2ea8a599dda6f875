namespace Unstale.Rules;

/// <summary>A key that a rule takes when one of the names it is computed from is taken with it.</summary>
/// <param name="Key">The key; may hold placeholders, such as <c>calculation:{id}</c>.</param>
/// <param name="On">What it is computed from; each is the key and the tag of that name, and may hold placeholders.</param>
public sealed record RuleDependency(string Key, IReadOnlyCollection<string> On)
{
    /// <summary>Names that the key is computed from; each is the key and the tag of that name, and may hold placeholders.</summary>
    public IReadOnlyCollection<string> On
    {
        get;
        init => field = [.. value];
    }

    = [.. On];
}
