using Unstale.Redis.Channel;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Channel;

/// <summary>Entity keys shared by all services.</summary>
public sealed class EntityKeyTests
{
    [Theory]
    [InlineData("User", "user")]
    [InlineData("Post", "post")]
    [InlineData("Comment", "comment")]
    [InlineData("Notification", "notification")]
    [InlineData("Feed", "feed")]
    public void The_five_types_have_lower_case_words_in_keys(string name, string word)
    {
        var type = EntityType.FromWord(word);
        Assert.Equal((name, word, false, $"{word}:1"), (type.Name, type.Word, type.IsCustom, EntityKey.Of(type, "1")));
    }

    [Theory]
    [InlineData("User")]
    [InlineData("USER")]
    [InlineData("Session")]
    [InlineData("session_v2")]
    public void Any_other_word_is_a_custom_type_and_stays_as_it_is(string word)
    {
        var type = EntityType.FromWord(word);
        Assert.True(type.IsCustom);
        Assert.Equal($"{word}:1", EntityKey.Of(type, "1"));
    }

    [Fact]
    public void A_custom_type_named_user_differs_from_the_user_type_and_gives_the_same_key()
    {
        Assert.NotEqual(EntityType.User, EntityType.Custom("user"));
        Assert.Equal(EntityKey.Of(EntityType.User, "1"), EntityKey.Of(EntityType.Custom("user"), "1"));
        Assert.Equal(EntityType.Custom("a"), EntityType.Custom("a"));
    }

    [Fact]
    public void A_key_is_cut_at_its_first_colon()
    {
        Assert.True(EntityKey.TrySplit("user:123:456", out var type, out var id));
        Assert.Equal((EntityType.User, "123:456"), (type, id));
        Assert.True(EntityKey.TrySplit("product:production:4", out type, out id));
        Assert.Equal((EntityType.Custom("product"), "production:4"), (type, id));
    }

    [Theory]
    [InlineData("user", "*", "user:*")]
    [InlineData("feed", "123:*", "feed:123:*")]
    [InlineData("Session", "*", "Session:*")]
    [InlineData("odd*[x]", "*", @"odd\*\[x\]:*")]
    public void The_pattern_of_a_type_matches_its_keys_and_escapes_its_name(string word, string ids, string pattern)
    {
        Assert.Equal(pattern, EntityKey.BuildPattern(EntityType.FromWord(word), ids));
        Assert.Equal($"{EntityKey.BuildPattern(EntityType.FromWord(word))[..^1]}{ids}", pattern);
        Assert.True(new GlobPattern(pattern).IsMatch(EntityKey.Of(EntityType.FromWord(word), ids.Replace("*", "7", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("user:123:456", "User")]
    [InlineData("session:1", "Custom(session)")]
    [InlineData("user:", null)]
    [InlineData("user", null)]
    [InlineData(null, null)]
    public void The_type_of_a_key_is_its_first_part(string? key, string? type) => Assert.Equal(type, EntityKey.ExtractEntityType(key)?.ToString());

    [Theory]
    [InlineData("user:")]
    [InlineData(":1")]
    [InlineData("invalid")]
    [InlineData("")]
    [InlineData(":")]
    [InlineData(null)]
    public void A_key_without_a_type_or_without_an_id_is_invalid(string? key)
    {
        Assert.False(EntityKey.IsValid(key));
        Assert.False(EntityKey.TrySplit(key, out _, out _));
    }
}
