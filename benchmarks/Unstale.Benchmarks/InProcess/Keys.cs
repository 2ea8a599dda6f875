using System.Globalization;

namespace Unstale.Benchmarks.InProcess;

/// <summary>Keys of 20 characters, and tags.</summary>
internal static class Keys
{
    public const string Value = "a value that all of them share";

    private const int PerSharedTag = 1_000;

    public static string Of(int number) => string.Create(CultureInfo.InvariantCulture, $"product:{number:000000000000}");

    public static string[] Range(int start, int count) => [.. Enumerable.Range(start, count).Select(Of)];

    /// <summary>Returns tags carried by 1,000 entries each, in a separate array for each entry: callers write one a call.</summary>
    public static string[] SharedTags(IReadOnlyList<string> names, int number, int tags)
    {
        var first = number / PerSharedTag * tags;
        var carried = new string[tags];
        for (var index = 0; index < tags; index++)
            carried[index] = names[first + index];
        return carried;
    }

    public static string[] SharedTagNames(int entries, int tags) =>
        [.. Enumerable.Range(0, ((entries / PerSharedTag) + 1) * tags).Select(number => string.Create(CultureInfo.InvariantCulture, $"category:{number}"))];
}
