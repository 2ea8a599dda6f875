using System.Text.RegularExpressions;

namespace Unstale.Tests.Values;

/// <summary>Reference implementation of globs: recursive, slow and short.</summary>
internal static partial class NaiveGlob
{
    public static bool IsMatch(string glob, string key)
    {
        if (glob.Length == 0)
            return key.Length == 0;
        if (glob[0] == '*')
            return IsMatch(glob[1..], key) || (key.Length > 0 && IsMatch(glob, key[1..]));
        if (key.Length == 0)
            return false;
        var element = Element().Match(glob);
        return TakesOne(element, key[0]) && IsMatch(glob[element.Length..], key[1..]);
    }

    [GeneratedRegex(@"\A(?:(?<any>\?)|\[(?<not>\^?)(?>(?<member>\\.|[^]]-.|[^]]))*(?<class>\]|\z)|(?<literal>\\.|.))", RegexOptions.Singleline, Timeout.Infinite)]
    private static partial Regex Element();

    private static bool TakesOne(Match element, char c)
    {
        if (element.Groups["any"].Success)
            return true;
        if (element.Groups["class"].Success)
            return element.Groups["member"].Captures.Any(member => Holds(member.Value, c)) != (element.Groups["not"].Length > 0);
        return element.Groups["literal"].Value[^1] == c;
    }

    private static bool Holds(string member, char c) => member.Length == 3
        ? c >= Math.Min(member[0], member[2]) && c <= Math.Max(member[0], member[2])
        : member[^1] == c;
}
