using System.Collections;
using System.Globalization;

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
        return change.Context.TryGetValue(name, out var value) ? Each(value) : Missing;
    }

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
