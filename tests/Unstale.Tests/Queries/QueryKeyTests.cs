using Microsoft.Extensions.DependencyInjection;
using Unstale.Queries;
using Xunit;

namespace Unstale.Tests.Queries;

public sealed class QueryKeyTests
{
    [Fact]
    public async Task A_query_key_consists_of_the_prefix_the_name_and_the_key_of_the_query()
    {
        await using var test = new QueriesUnderTest();
        Assert.Equal("query_cache:GetUserQuery:user:123", test.Queries.KeyOf(new GetUserQuery("user:123")));
        Assert.Equal("query_cache:ListUsersQuery:", test.Queries.KeyOf(new ListUsersQuery("")));
        Assert.Null(test.Queries.KeyOf(new ListUsersQuery(null)));
    }

    [Fact]
    public async Task A_query_without_a_key_is_cached_under_its_hash_if_its_type_requests_hashing()
    {
        await using var test = new QueriesUnderTest();
        Assert.Equal($"query_cache:SearchQuery:{QueryHash.Of(new SearchQuery("a", 2))}", test.Queries.KeyOf(new SearchQuery("a", 2)));
        Assert.Null(test.Queries.KeyOf(new PlainQuery(1)));
    }

    [Fact]
    public async Task With_CacheAllQueries_all_queries_except_those_with_a_null_key_have_a_key()
    {
        await using var test = new QueriesUnderTest(b => b.AddQueryCache(o => o.CacheAllQueries = true));
        Assert.Equal($"query_cache:PlainQuery:{QueryHash.Of(new PlainQuery(1))}", test.Queries.KeyOf(new PlainQuery(1)));
        Assert.Null(test.Queries.KeyOf(new ListUsersQuery(null)));
    }

    [Fact]
    public async Task A_disabled_query_cache_gives_no_key_and_a_configured_prefix_is_used_everywhere()
    {
        await using var off = new QueriesUnderTest(b => b.AddQueryCache(o => o.Enabled = false));
        Assert.Null(off.Queries.KeyOf(new GetUserQuery("user:1")));
        await using var other = new QueriesUnderTest(b => b.AddQueryCache(o => o.KeyPrefix = "shop:q").InvalidateOn<OrderCreated>((_, i) => i.Entity<GetUserQuery>("1")));
        Assert.Equal("shop:q:GetUserQuery:user:1", other.Queries.KeyOf(new GetUserQuery("user:1")));
        await other.HoldAsync("shop:q:GetUserQuery:user:1", "query_cache:GetUserQuery:user:1");
        await other.Strategy.InvalidateAsync(new OrderCreated("1"), TestContext.Current.CancellationToken);
        Assert.Equal(["query_cache:GetUserQuery:user:1"], other.Held("shop:q:GetUserQuery:user:1", "query_cache:GetUserQuery:user:1"));
    }

    [Fact]
    public async Task Names_distinguish_nested_and_generic_queries()
    {
        await using var test = new QueriesUnderTest();
        Assert.Equal(
            [
                "query_cache:QueryKeyTests.Nested:a", "query_cache:GenericQuery<Int32>:a", "query_cache:GenericQuery<GenericQuery<String>>:a",
                "query_cache:GenericQuery<Array<Int32>>:a", "query_cache:GenericQuery<Array2<Int32>>:a", "query_cache:GenericQuery<Dictionary<String,Nullable<Int32>>>:a",
                "query_cache:QueryKeyTests.Generic.Inner<Int32,String>:a", "query_cache:Renamed:a", "query_cache:GenericQuery<Renamed>:a",
            ],
            new ICacheableQuery[]
            {
                new Nested("a"), new GenericQuery<int>("a"), new GenericQuery<GenericQuery<string>>("a"), new GenericQuery<int[]>("a"), new GenericQuery<int[,]>("a"),
                new GenericQuery<Dictionary<string, int?>>("a"), new Generic<int>.Inner<string>("a"), new NamedQuery("a"), new GenericQuery<NamedQuery>("a"),
            }.Select(test.Queries.KeyOf));
    }

    [Fact]
    public async Task Two_queries_of_one_name_are_refused_in_whatever_order()
    {
        await using var test = new QueriesUnderTest();
        test.Queries.KeyOf(new GetUserQuery("1"));
        Assert.Equal(
            "The queries 'Unstale.Tests.Queries.GetUserQuery' and 'Unstale.Tests.Queries.Elsewhere.GetUserQuery' have the same name 'GetUserQuery' in keys, so each could receive "
            + "the results of the other. Give one of the queries a [QueryName].",
            Assert.Throws<InvalidOperationException>(() => test.Queries.KeyOf(new Elsewhere.GetUserQuery("1"))).Message);
        Assert.Equal("query_cache:GetUserQuery:2", test.Queries.KeyOf(new GetUserQuery("2")));
    }

    [Fact]
    public async Task The_second_of_two_concurrent_queries_with_the_same_name_is_refused()
    {
        await using var test = new QueriesUnderTest();
        using var start = new Barrier(2);
        Task<bool> Asks(object query) => Task.Run(() =>
        {
            start.SignalAndWait();
            try
            {
                return test.Queries.KeyOf(query) is not null;
            }
            catch (InvalidOperationException)
            {
                return false;
            }
        });
        Assert.Single(await Task.WhenAll(Asks(new GetUserQuery("1")), Asks(new Elsewhere.GetUserQuery("1"))), static kept => kept);
    }

    [Fact]
    public async Task A_query_with_a_compiler_generated_name_is_refused()
    {
        await using var test = new QueriesUnderTest(b => b.AddQueryCache(o => o.CacheAllQueries = true));
        var refused = Assert.Throws<InvalidOperationException>(() => test.Queries.KeyOf(new { Id = 1 }));
        Assert.EndsWith("has a compiler-generated name, which changes with every build. Declare a named type for the query, or add a [QueryName].", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interface_or_abstract_type_is_refused_as_a_query_type()
    {
        const string Message = "'Unstale.Queries.ICacheableQuery' is an interface or an abstract type: results have the name of the concrete type of their query. "
            + "List each concrete query, or give the queries a common tag.";
        Assert.Equal(Message, Assert.Throws<InvalidOperationException>(() => QueryPattern.ForQuery<ICacheableQuery>()).Message);
        Assert.Equal(Message, Assert.Throws<InvalidOperationException>(() => QueryPattern.ForEntity<ICacheableQuery>(1)).Message);
        await using var test = new QueriesUnderTest(b => b.InvalidateOn<UserRegistered>((_, i) => i.Queries<ICacheableQuery>()));
        var failures = await Assert.ThrowsAsync<AggregateException>(() => test.Strategy.InvalidateAsync(new UserRegistered("1"), TestContext.Current.CancellationToken).AsTask());
        Assert.Equal(Message, Assert.Single(failures.InnerExceptions).Message);
    }

    [Theory]
    [InlineData(typeof(Colon), "a:b")]
    [InlineData(typeof(Star), "a*")]
    [InlineData(typeof(Empty), "")]
    public async Task An_empty_QueryName_and_a_QueryName_with_a_colon_or_a_wildcard_are_refused(Type type, string name)
    {
        await using var test = new QueriesUnderTest(b => b.AddQueryCache(o => o.CacheAllQueries = true));
        var refused = Assert.Throws<InvalidOperationException>(() => test.Queries.KeyOf(Activator.CreateInstance(type)!));
        Assert.Equal($"The [QueryName] of '{type}' is '{name}'; it must not be empty or contain ':' or the wildcards '*', '?', '[', ']' and '\\'.", refused.Message);
    }

    private sealed record Nested(string CacheKey) : ICacheableQuery;

    private static class Generic<T>
    {
        internal sealed record Inner<TInner>(string CacheKey) : ICacheableQuery
        {
            public T? Outer { get; init; }
        }
    }

    [QueryName("a:b")]
    private sealed record Colon;

    [QueryName("a*")]
    private sealed record Star;

    [QueryName("")]
    private sealed record Empty;
}
