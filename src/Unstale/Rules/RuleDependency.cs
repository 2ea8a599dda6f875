namespace Unstale.Rules;

/// <summary>Key that a rule invalidates together with any name the key is computed from.</summary>
/// <param name="Key">Dependent key. Can contain placeholders, such as <c>calculation:{id}</c>.</param>
/// <param name="On">Names the key is computed from. Each is both a key and a tag, and can contain placeholders.</param>
public sealed record RuleDependency(string Key, IReadOnlyCollection<string> On)
{
    /// <summary>Names the key is computed from. Each is both a key and a tag, and can contain placeholders.</summary>
    public IReadOnlyCollection<string> On
    {
        get;
        init => field = [.. value];
    }

    = [.. On];
}
