using System.Collections;
using Unstale.Boundary;
using Unstale.Values;

namespace Unstale.Rules;

/// <summary>
/// Texts of the values of a change under one name. A value without a distinctive text counts as missing, because the invalidation of all possible
/// targets is safe and the invalidation of a wrong target is not.
/// </summary>
internal static class TemplateValues
{
    private static readonly string?[] Missing = [null];

    /// <summary>Returns one value, or each value of a list; null for a missing value. An empty list yields no values.</summary>
    public static string?[] For(Change change, string name)
    {
        if (change.Id is { } id && (name == "id" || name == change.Resource))
            return [id];

        // A value that cannot be read counts as missing, and the rule invalidates all possible targets.
        return UserCode.Call(CallOut.Value, (change, name), static s => Contains(s.change, s.name), out var known) is null ? known : Missing;
    }

    private static string?[] Contains(Change change, string name) => change.Context.TryGetValue(name, out var value) ? Each(value) : Missing;

    private static string?[] Each(object? value) => value switch
    {
        null or IDictionary => Missing,
        string or byte[] or Uri => [Text(value)],
        IEnumerable many => [.. many.Cast<object?>().Select(Text).Distinct(StringComparer.Ordinal)],
        _ => [Text(value)],
    };

    private static string? Text(object? value) => value is not null && NameText.Format(value) is { Length: > 0 } text ? text : null;
}
