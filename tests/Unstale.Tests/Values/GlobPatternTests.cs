using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Unstale.Tests.Values;

public sealed class GlobPatternTests
{
    [Fact]
    public void A_glob_agrees_with_a_naive_recursive_matcher()
    {
        var cases =
            from glob in Gen.NonEmptyListOf(Gen.Elements("aabc**?[[]]^-\\".ToCharArray()))
            from key in Gen.ListOf(Gen.Elements("aabbcd-]^\\*".ToCharArray()))
            select (Glob: string.Concat(glob.Take(12)), Key: string.Concat(key.Take(8)));

        var agrees = Prop.ForAll(
            cases.ToArbitrary(),
            c => new GlobPattern(c.Glob).IsMatch(c.Key) == NaiveGlob.IsMatch(c.Glob, c.Key));

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(20_000), agrees);
    }

    [Fact]
    public void An_escaped_text_matches_itself_and_no_other()
    {
        var cases =
            from text in Gen.NonEmptyListOf(Gen.Elements("ab*?[]^-\\:{".ToCharArray()))
            from other in Gen.NonEmptyListOf(Gen.Elements("ab*?[]^-\\:{".ToCharArray()))
            select (Text: string.Concat(text.Take(6)), Other: string.Concat(other.Take(6)));

        var onlyItself = Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var glob = new GlobPattern(GlobPattern.Escape(c.Text));
            return glob.IsMatch(c.Text)
                && glob.IsMatch(c.Other) == string.Equals(c.Text, c.Other, StringComparison.Ordinal)
                && string.Equals(glob.LiteralPrefix, c.Text, StringComparison.Ordinal);
        });

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5_000), onlyItself);
    }

    [Fact]
    public void A_match_of_a_glob_with_hundreds_of_stars_ends()
    {
        var key = new string('a', 1_000);

        Assert.False(new GlobPattern(string.Concat(Enumerable.Repeat("a*", 500)) + "b").IsMatch(key));
        Assert.True(new GlobPattern(string.Concat(Enumerable.Repeat("*a", 500)) + "*").IsMatch(key));
    }

    [Theory]
    [InlineData("user:*")]
    [InlineData("*:[0-9]?*[^a-c]\\*")]
    public void A_match_allocates_nothing(string pattern)
    {
        var glob = new GlobPattern(pattern);
        var matched = glob.IsMatch("user:12x*");
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            matched &= glob.IsMatch("user:12x*");

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(matched);
    }

    [Theory]
    [InlineData("user:*", "user:")]
    [InlineData("user:1", "user:1")]
    [InlineData("a\\*b?", "a*b")]
    [InlineData("a\\[[x]", "a[")]
    [InlineData("a\\", "a\\")]
    [InlineData("*", "")]
    [InlineData("[a]b", "")]
    [InlineData("a]b{c}*", "a]b{c}")]
    public void The_literal_prefix_ends_at_the_first_wildcard(string pattern, string prefix) =>
        Assert.Equal(prefix, new GlobPattern(pattern).LiteralPrefix);

    [Fact]
    public void An_empty_key_is_matched_by_stars_alone()
    {
        Assert.True(new GlobPattern("*").IsMatch(""));
        Assert.True(new GlobPattern("**").IsMatch(""));
        Assert.False(new GlobPattern("?").IsMatch(""));
        Assert.False(new GlobPattern("a*").IsMatch(""));
    }

    [Theory]
    [InlineData("user", "123", "user:123", true)]
    [InlineData("user:", "123", "user:123", true)]
    [InlineData("user", "123", "user:123:posts", true)]
    [InlineData("user", "123", "user:1234", false)]
    [InlineData("user", "123", "user:123x:posts", false)]
    [InlineData("user", "123", "superuser:123", false)]
    [InlineData("user", "*", "user:123", false)]
    [InlineData("user", "*", "user:*:posts", true)]
    [InlineData("user", "[0-9]", "user:1", false)]
    [InlineData("us*r", "1", "user:1", false)]
    [InlineData("", "123", "123:posts", true)]
    public void A_segment_is_matched_whole(string prefix, string id, string key, bool expected) =>
        Assert.Equal(expected, GlobPattern.ForSegment(prefix, id).Any(glob => glob.IsMatch(key)));

    [Fact]
    public void A_segment_is_two_globs() =>
        Assert.Equal<GlobPattern>([new("user:a\\*"), new("user:a\\*:*")], GlobPattern.ForSegment("user", "a*"));

    [Fact]
    public void A_segment_without_an_id_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => GlobPattern.ForSegment("user", ""));

        Assert.Equal("The id of a segment is ''. Pass an id that is not empty, as it appears in the key. (Parameter 'id')", error.Message);
    }

    [Fact]
    public void Patterns_of_one_kind_and_text_are_equal()
    {
        var glob = new GlobPattern("a*");

        Assert.Equal<KeyPattern>(glob, new GlobPattern("a*"));
        Assert.Equal(glob.GetHashCode(), new GlobPattern("a*").GetHashCode());
        Assert.NotEqual(glob, new GlobPattern("A*"));
        Assert.NotEqual<KeyPattern>(glob, new RegexPattern("a*"));
        Assert.Equal("a*", glob.ToString());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1025)]
    public void A_pattern_of_a_wrong_length_is_refused(int length)
    {
        var text = new string('a', length);
        var message = $"The pattern has {length} characters. Expected 1 to 1024. To match all keys, invalidate everything. (Parameter 'text')";

        Assert.Equal(message, Assert.Throws<ArgumentException>(() => new GlobPattern(text)).Message);
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => new RegexPattern(text)).Message);
    }

    [Fact]
    public void No_pattern_is_null()
    {
        Assert.Throws<ArgumentNullException>(() => new GlobPattern(null!));
        Assert.Throws<ArgumentNullException>(() => new RegexPattern(null!));
        Assert.Throws<ArgumentNullException>(() => GlobPattern.Escape(null!));
    }
}
