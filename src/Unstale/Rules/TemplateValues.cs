using System.Collections;
using Unstale.Boundary;

namespace Unstale.Rules;

/// <summary>
/// Texts of the values that a change has under a name. A value without a text that distinguishes it counts as missing: to take all that
/// may be meant is safe, to take the wrong name is not.
/// </summary>
internal static class TemplateValues
{
    private static readonly string?[] Missing = [null];

    /// <summary>One value, or each of a list; null stands for one that is missing. An empty list is known to be empty.</summary>
    public static string?[] Of(Change change, string name)
    {
        if (change.Id is { } id && (name == "id" || name == change.Resource))
            return [id];

        // What cannot be told is missing, and the rule takes all that may be meant.
        return UserCode.Call(CallOut.Value, (change, name), static s => Known(s.change, s.name), out var known) is null ? known : Missing;
    }

    private static string?[] Known(Change change, string name) => change.Context.TryGetValue(name, out var value) ? Each(value) : Missing;

    private static string?[] Each(object? value) => value switch
    {
        null or IDictionary => Missing,
        string or byte[] or Uri => [Text(value)],
        IEnumerable many => [.. many.Cast<object?>().Select(Text).Distinct(StringComparer.Ordinal)],
        _ => [Text(value)],
    };

    private static string? Text(object? value) => value is not null && NameText.Of(value) is { Length: > 0 } text ? text : null;
}
