using System.Collections;
using System.Globalization;
using Unstale.Boundary;

namespace Unstale.Rules;

/// <summary>What a change says about a name.</summary>
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
        null => Missing,
        string text => [Known(text)],
        IEnumerable many => [.. many.Cast<object?>().Select(one => Known(Text(one))).Distinct(StringComparer.Ordinal)],
        _ => [Known(Text(value))],
    };

    private static string? Text(object? value) =>
        value is IFormattable number ? number.ToString(format: null, CultureInfo.InvariantCulture) : value?.ToString();

    private static string? Known(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
