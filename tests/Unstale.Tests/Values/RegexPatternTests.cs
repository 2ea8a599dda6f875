using Xunit;

namespace Unstale.Tests.Values;

public sealed class RegexPatternTests
{
    [Theory]
    [InlineData(@"user:\d+", "user:1", true)]
    [InlineData(@"user:\d+", "user:1:session", true)]
    [InlineData(@"user:\d+", "superuser:1", false)]
    [InlineData(@"user:\d+", "user:x", false)]
    [InlineData(@"user:\d+$", "user:1:session", false)]
    [InlineData("a|b", "b1", true)]
    [InlineData("a|b", "xb", false)]
    [InlineData("^a", "ab", true)]
    [InlineData("User", "user", false)]
    [InlineData("(?i)User", "user", true)]
    [InlineData("(?i)i", "\u0130", false)]
    [InlineData("stra\u00dfe", "strasse", false)]
    public void A_regex_is_anchored_at_the_start_and_ordinal(string pattern, string key, bool expected) =>
        Assert.Equal(expected, new RegexPattern(pattern).IsMatch(key));

    [Fact]
    public void A_regex_that_would_backtrack_for_ever_ends_in_time() =>
        Assert.False(new RegexPattern("(a+)+$").IsMatch(new string('a', 100_000) + "b"));

    [Theory]
    [InlineData("(?=a)b")]
    [InlineData("(?<!a)b")]
    [InlineData(@"(a)\1")]
    [InlineData("(?>a+)b")]
    [InlineData("(?(a)b|c)")]
    [InlineData("(a{1000}){1000}")]
    public void Constructs_that_the_linear_engine_does_not_support_are_refused_at_once(string pattern)
    {
        var error = Assert.Throws<ArgumentException>(() => new RegexPattern(pattern));

        Assert.StartsWith($"The regular expression '{pattern}' is not supported: ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith(
            "Patterns run on the linear-time engine, which has no lookarounds, backreferences, atomic groups or conditionals, "
            + "and which limits the size of nested repetitions. (Parameter 'text')",
            error.Message,
            StringComparison.Ordinal);
        Assert.IsType<NotSupportedException>(error.InnerException);
    }

    [Theory]
    [InlineData("(a")]
    [InlineData("[a")]
    [InlineData("a)|(b")]
    [InlineData("*")]
    [InlineData("(?x)a #b")]
    public void Text_that_is_no_regular_expression_is_refused_with_the_reason(string pattern)
    {
        var error = Assert.Throws<ArgumentException>(() => new RegexPattern(pattern));

        Assert.Equal($"The regular expression '{pattern}' is invalid: {error.InnerException!.Message} (Parameter 'text')", error.Message);
        Assert.StartsWith("Invalid pattern ", error.InnerException.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Regular_expressions_of_one_text_are_equal()
    {
        Assert.Equal(new RegexPattern("a+"), new RegexPattern("a+"));
        Assert.NotEqual(new RegexPattern("a+"), new RegexPattern("a"));
    }
}
