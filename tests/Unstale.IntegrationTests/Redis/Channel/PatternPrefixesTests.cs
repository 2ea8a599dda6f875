using Unstale.Log;
using Unstale.Redis.Channel;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Channel;

/// <summary>Reduction of many prefixes to few patterns.</summary>
public sealed class PatternPrefixesTests
{
    [Fact]
    public void Prefixes_within_the_limit_stay_unchanged_except_those_covered_by_another_prefix() =>
        Assert.Equal(["order:*", @"u\*er:*", "user*"], Texts(["user:1", "user", "order:", "u*er:"], most: 3));

    [Fact]
    public void Prefixes_with_the_longest_common_start_are_merged_first() =>
        Assert.Equal(["order:*", "user:*"], Texts(["user:1:", "user:2:", "user:3:", "order:"], most: 2));

    [Fact]
    public void Prefixes_with_nothing_in_common_become_a_class_of_their_first_characters()
    {
        var pattern = Assert.Single(PatternPrefixes.Merge(["a", "]b", "-c", "^d", @"\e", "\u00E9"], most: 2)).Pattern;
        Assert.All((string[])["a", "]", "-x", "^", @"\", "\u00E9"], key => Assert.True(pattern.IsMatch(key), key));
        Assert.All((string[])["b", "[", "", "x"], key => Assert.False(pattern.IsMatch(key), key));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(16)]
    public void Merged_patterns_match_every_prefix_never_split_a_character_and_never_match_everything(int most)
    {
        var random = new Random(most);
        for (var round = 0; round < 200; round++)
        {
            var prefixes = Enumerable.Range(0, random.Next(1, 300)).Select(_ => Prefix(random)).ToList();
            var patterns = PatternPrefixes.Merge(prefixes, most).ToList();
            Assert.All(prefixes, prefix => Assert.Contains(patterns, pattern => pattern.Pattern.IsMatch(prefix + "rest")));
            Assert.DoesNotContain(patterns, static pattern => pattern.Pattern.IsMatch("~"));
            Assert.True(patterns.Count <= Math.Max(most, 8), $"{patterns.Count}");
        }
    }

    [Fact]
    public void Very_many_prefixes_are_merged_at_once() =>
        Assert.InRange(PatternPrefixes.Merge(Enumerable.Range(0, 200_000).Select(static i => $"user:{i}:session"), 16).Count(), 1, 16);

    [Fact]
    public void A_waiting_pattern_is_stored_once_and_above_the_capacity_prefixes_replace_the_patterns()
    {
        var waiting = new WaitingPatterns("s", new AcceptedNames(new() { AcceptEverything = false }), capacity: 20);
        for (var i = 0; i < 20; i++)
            Assert.True(waiting.Add(Glob($"{(char)('a' + i)}:*"), new($"{i}", "s", "r", i)));
        Assert.True(waiting.Add(Glob("a:*"), new("newer", "s", "r", 30)));
        Assert.Equal(20, waiting.Count);
        Assert.False(waiting.Add(Glob("z:*"), new("z", "s", "r", 31)));
        Assert.Equal(1, waiting.Count);
        Assert.True(waiting.Add(Glob("z:5*"), new("z", "s", "r", 32)));
        Assert.Equal(1, waiting.Count);
        for (var i = 0; i < 26; i++)
            waiting.Add(Glob($"{(char)('A' + i)}:*"), new("", "s", "r", 33));
        Assert.All(waiting.TakeCollapsed(), static one => Assert.NotEqual(InvalidationTarget.Everything, one.Target));
        Assert.Null(waiting.Since);
    }

    private static InvalidationTarget Glob(string text) => InvalidationTarget.ForPattern(new GlobPattern(text));

    private static string Prefix(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => (string[])["a", "b", ":", "*", "[", "\\", "\U0001F600", "\U0001F601"]).Select(letters => letters[random.Next(letters.Length)]));

    private static IEnumerable<string> Texts(IEnumerable<string> prefixes, int most) => PatternPrefixes.Merge(prefixes, most).Select(static pattern => pattern.Pattern.Text);
}
