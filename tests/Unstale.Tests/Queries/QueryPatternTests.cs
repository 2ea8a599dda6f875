using Microsoft.Extensions.DependencyInjection;
using Unstale.Queries;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Queries;

public sealed class QueryPatternTests
{
    private static readonly string[] Keys = DocumentedQueryKeys.All;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(DocumentedQueryKeys.Patterns), MemberType = typeof(DocumentedQueryKeys))]
    public async Task A_pattern_invalidates_exactly_the_query_results_that_it_matches(string pattern, int taken)
    {
        await using var test = new QueriesUnderTest(b => b.AddEventRule(EventInvalidationRule.For<UserRegistered>(new GlobPattern(pattern))));
        var queries = new ICacheableQuery[]
        {
            new ListUsersQuery("active"), new ListUsersQuery("active:hash_abc123"), new GetUserQuery("user:123"), new GetUserQuery("user:1234"), new GetUserQuery("user-123"),
            new GetOrdersByCustomerQuery("customer:456"), new GetActiveUsersQuery("x"),
        };
        foreach (var query in queries)
            await test.Queries.ExecuteAsync(query, static _ => new ValueTask<string>("result"), Stop);
        Assert.Equal(Keys, test.Held(Keys));
        var receipts = await test.Strategy.InvalidateAsync(new UserRegistered("1"), Stop);
        Assert.Equal(Keys.Length - taken, test.Held(Keys).Length);
        var swept = Assert.Single(receipts).WaitForReclaimAsync(Stop).AsTask();
        Assert.Equal(taken, await Eventually.Ends("the sweep counts", swept, () => test.Clock.Advance(TimeSpan.FromMilliseconds(200))));
    }

    [Fact]
    public void A_pattern_for_a_query_invalidates_all_its_results_and_no_others()
    {
        Assert.Equal("query_cache:GetUserQuery:*", QueryPattern.ForQuery<GetUserQuery>().Text);
        Assert.Equal("shop:GenericQuery<Int32>:*", QueryPattern.ForQuery<GenericQuery<int>>("shop").Text);
        Assert.Equal("query_cache:Renamed:*", QueryPattern.ForQuery<NamedQuery>().Text);
        Assert.Equal(3, Keys.Count(key => QueryPattern.ForQuery<GetUserQuery>().IsMatch(key)));
    }

    [Fact]
    public void Patterns_for_an_entity_match_its_id_as_a_whole_segment()
    {
        var patterns = QueryPattern.ForEntity<GetUserQuery>(123);
        Assert.Equal(["query_cache:GetUserQuery*:123", "query_cache:GetUserQuery*:123:*"], patterns.Select(static p => p.Text));
        Assert.Equal(["query_cache:GetUserQuery:user:123"], Keys.Where(key => patterns.Any(p => p.IsMatch(key))));
        foreach (var key in new[] { "query_cache:GetUserQuery:123", "query_cache:GetUserQuery:123:posts", "query_cache:GetUserQuery:user:123:posts:1" })
            Assert.Contains(patterns, p => p.IsMatch(key));
        foreach (var key in new[] { "query_cache:GetUserQuery:0123", "query_cache:GetUserQuery:user:1234", "query_cache:GetUser:123", "other:GetUserQuery:123" })
            Assert.DoesNotContain(patterns, p => p.IsMatch(key));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("?")]
    [InlineData("[a-z]")]
    [InlineData(@"a\")]
    public void An_id_that_looks_like_a_pattern_matches_itself_alone(string id)
    {
        var patterns = QueryPattern.ForEntity<GetUserQuery>(id);
        Assert.Contains(patterns, p => p.IsMatch($"query_cache:GetUserQuery:user:{id}"));
        Assert.DoesNotContain(patterns, p => p.IsMatch("query_cache:GetUserQuery:user:a"));
        Assert.DoesNotContain(patterns, p => p.IsMatch("query_cache:GetUserQuery:user:123"));
    }

    [Fact]
    public void An_entity_needs_an_id() =>
        Assert.Equal(
            "The id of a segment is ''. Pass an id that is not empty, as it appears in the key. (Parameter 'id')",
            Assert.Throws<ArgumentException>(() => QueryPattern.ForEntity<GetUserQuery>("")).Message);
}
