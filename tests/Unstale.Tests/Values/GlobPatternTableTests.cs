using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Values;

/// <summary>Patterns with the keys that SCAN MATCH and KEYS of Redis 7.0 match.</summary>
public sealed class GlobPatternTableTests
{
    public static readonly TheoryData<string, string[], string[]> Rows = new()
    {
        // pattern, matching keys, other keys
        { "*", ["anything:at:all"], [] },
        { "**", ["a"], [] },
        { "a*", ["a"], [] },
        { "a***", ["a"], [] },
        { "*a", ["ba"], ["ab"] },
        { "a*b", ["a:x:b"], [] },
        { "user:*", ["user:", "user:1:posts"], ["User:1"] },
        { "h?llo", ["hello"], ["hllo", "heello"] },
        { "?", ["a"], [] },
        { "??", [], ["a"] },
        { "?*", ["a"], [] },
        { "*?", ["a"], [] },
        { "h[ae]llo", ["hallo"], ["hillo"] },
        { "h[^e]llo", ["hallo"], ["hello"] },
        { "h[a-b]llo", ["hbllo"], ["hcllo"] },
        { "h[b-a]llo", ["hallo"], [] },
        { "h[c-a]llo", ["hbllo"], ["hdllo"] },
        { "h[^c-a]llo", ["hdllo"], ["hbllo"] },
        { "[!a]", ["!", "a"], ["b"] },
        { "{1,2}", ["{1,2}"], ["1"] },
        { "a\\*", ["a*"], ["ab"] },
        { "a\\?", ["a?"], ["ab"] },
        { "\\[a]", ["[a]"], ["a"] },
        { "\\a", ["a"], ["\\a"] },
        { "a\\\\", ["a\\"], [] },
        { "a\\", ["a\\"], ["a"] },
        { "\\\\*", ["\\x"], [] },
        { "[\\]]", ["]"], ["\\"] },
        { "[\\^a]", ["^", "a"], ["b"] },
        { "[a^]", ["^"], [] },
        { "[a\\-z]", ["-"], ["m"] },
        { "[\\a-c]", ["-"], ["b"] },
        { "[a-\\c]", ["]"], ["b"] },
        { "[-a]", ["-", "a"], [] },
        { "[a-]", ["a", "]"], ["-", "b"] },
        { "[a-]b", [], ["_b"] },
        { "[--a]", ["-", "A"], ["b"] },
        { "[]", [], ["a", "]"] },
        { "[]a", [], ["a"] },
        { "[]a]", [], ["]", "a]"] },
        { "[^]", ["a", "]"], [] },
        { "[^]a]", ["xa]"], ["a"] },
        { "[abc", ["a"], ["d", "ab"] },
        { "[^abc", ["d"], ["a"] },
        { "[a-c", ["b"], [] },
        { "[a-", ["a", "-"], ["b"] },
        { "[", [], ["["] },
        { "[^", ["a"], [] },
        { "[\\", ["\\"], ["a"] },
        { "x[", [], ["x", "x["] },
        { "x[*", ["x*"], ["xy"] },
        { "[*]", ["*"], ["a"] },
        { "[?]", ["?"], ["a"] },
        { "[[]", ["["], [] },
        { "[a]]", ["a]"], ["a"] },
        { "*[0-9]", ["user:7"], ["user:x"] },
        { "[a-c][^a-c]", ["ad"], ["ab"] },
        { "a*b*c", ["axbxbc"], ["acb"] },
        { "*a*a*a*", ["aaa"], ["aa"] },
        { "a*a*a*a*a*b", [], ["aaaaaaaaaaaaaaaa"] },
        { "abc", [], ["ab"] },
        { "ab", [], ["abc"] },
        { "a]", ["a]"], [] },
        { "^a", ["^a"], ["a"] },
        { "a-c", ["a-c"], ["b"] },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_glob_matches_what_Redis_matches(string pattern, string[] matches, string[] others)
    {
        var glob = new GlobPattern(pattern);

        Assert.All(matches, key => Assert.True(glob.IsMatch(key), $"{pattern} matches {key}"));
        Assert.All(others, key => Assert.False(glob.IsMatch(key), $"{pattern} does not match {key}"));
    }

    [Theory]
    [MemberData(nameof(DocumentedQueryKeys.Patterns), MemberType = typeof(DocumentedQueryKeys))]
    public void Of_the_seven_query_keys_a_glob_matches_as_many_as_documented(string pattern, int expected)
    {
        var glob = new GlobPattern(pattern);

        Assert.Equal(expected, DocumentedQueryKeys.All.Count(key => glob.IsMatch(key)));
    }
}
