using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Unstale.Tests.Documentation;

/// <summary>Placeholders of docs/rules.md, executed: tags that a write of a user, a post or a comment invalidates.</summary>
public sealed class CascadeExample : IAsyncDisposable
{
    private static readonly string[] Keys =
    [
        "user:7:profile", "user:7:posts", "user:7:comments", "user:8:posts", "feed:7", "feed:7:page:2", "feed:8:page:2", "post:5", "post:5:comments", "post:55",
        "tag:red:posts", "tag:blue:posts", "tag:green:posts",
    ];

    private readonly CacheUnderTest _test = new(services: AddRules);

    public static TheoryData<Change, string> Writes => new()
    {
        { new Change("user", "7"), "user:7:profile user:7:posts feed:7 feed:7:page:2" },
        { Post(("author", 7), ("tag", new[] { "red", "blue" })), "user:7:posts feed:7:page:2 post:5 post:5:comments tag:red:posts tag:blue:posts" },
        { new Change("comment", "9") { Context = Values(("author", 7L), ("post", "5")) }, "user:7:comments post:5:comments" },
        { Post(), "user:7:posts user:8:posts feed:7:page:2 feed:8:page:2 post:5 post:5:comments tag:red:posts tag:blue:posts tag:green:posts" },
        { Post(("author", "*"), ("tag", Array.Empty<string>())), "post:5 post:5:comments" },
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task A_change_invalidates_the_keys_given_by_its_placeholders(Change change, string taken)
    {
        foreach (var key in Keys)
            await _test.Cache.GetOrCreateAsync(key, static _ => new ValueTask<string>("v"), cancellationToken: Stop);

        await _test.Invalidator.ChangedAsync(change, Stop);

        Assert.Equal(taken.Split(' '), Keys.Where(key => _test.Cache.Explain(key).State != EntryState.Live));
    }

    [Fact]
    public async Task Missing_placeholder_values_are_counted_for_their_rule()
    {
        await _test.Invalidator.ChangedAsync(new Change("post", "5"), Stop);

        Assert.Equal(3, Assert.Single(_test.Cache.GetStatistics().Rules.Details, rule => rule.Triggers.Contains("post")).MissingValues);
    }

    private static void AddRules(IServiceCollection services) => services.AddUnstale().AddRules(rules =>
    {
        rules.When("user").InvalidateKeys("user:{user}:profile", "user:{user}:posts", "feed:{user}").InvalidateGlobs("feed:{user}:*");
        rules.When("post").InvalidateKeys("post:{post}", "user:{author}:posts", "tag:{tag}:posts").InvalidateGlobs("post:{post}:*", "feed:{author}:*");
        rules.When("comment").InvalidateKeys("post:{post}:comments", "user:{author}:comments");
    });

    private static Change Post(params (string Name, object? Value)[] context) => new("post", "5") { Context = Values(context) };

    private static Dictionary<string, object?> Values(params (string Name, object? Value)[] context) => context.ToDictionary(one => one.Name, one => one.Value);
}
