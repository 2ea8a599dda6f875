using Microsoft.Extensions.DependencyInjection;
using Unstale.Queries;
using Xunit;

namespace Unstale.Tests.Queries;

public sealed class QueryCacheTests
{
    private int _executed;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_kept_null_an_empty_list_and_zero_are_hits()
    {
        await using var test = new QueriesUnderTest();
        for (var i = 0; i < 2; i++)
        {
            Assert.Null(await ExecuteAsync<string?>(test, new GetUserQuery("null"), null));
            Assert.Empty(await ExecuteAsync<List<int>>(test, new GetUserQuery("list"), []));
            Assert.Equal(0, await ExecuteAsync(test, new GetUserQuery("zero"), 0));
        }

        Assert.Equal(3, _executed);
    }

    [Fact]
    public async Task Queries_with_a_null_key_or_a_disabled_query_cache_are_executed_each_time()
    {
        await using var test = new QueriesUnderTest();
        await using var off = new QueriesUnderTest(b => b.AddQueryCache(o => o.Enabled = false));
        for (var i = 0; i < 2; i++)
        {
            await ExecuteAsync(test, new ListUsersQuery(null), 1);
            await ExecuteAsync(off, new GetUserQuery("1"), 1);
        }

        Assert.Equal(4, _executed);
        Assert.Equal((0, 0), (test.Cache.GetStatistics().Entries, off.Cache.GetStatistics().Entries));
    }

    [Fact]
    public async Task Each_form_of_the_call_gives_the_same_result()
    {
        await using var test = new QueriesUnderTest();
        var query = new GetUserQuery("1");
        Assert.Equal(1, await test.Queries.ExecuteAsync(query, _ => new ValueTask<int>(++_executed), Stop));
        Assert.Equal(1, await test.Queries.ExecuteAsync(query, (q, _) => new ValueTask<int>(q.Key.Length + 100), Stop));
        Assert.Equal(1, await test.Queries.ExecuteAsync(query, (q, _, _) => new ValueTask<int>(q.Key.Length + 200), Stop));
        Assert.Equal(1, await test.Queries.ExecuteAsync(query, 300, static (_, state, _) => new ValueTask<int>(state), Stop));
        Assert.Equal(1, await test.Queries.ExecuteAsync((object)query, _ => new ValueTask<int>(400), Stop));
        Assert.Equal(
            [CacheOutcome.Load, CacheOutcome.Memory],
            [await OutcomeAsync(test, new GetUserQuery("2")), await OutcomeAsync(test, new GetUserQuery("2"))]);
    }

    [Fact]
    public async Task Concurrent_executions_of_a_query_are_one_execution()
    {
        await using var test = new QueriesUnderTest();
        var gate = new TaskCompletionSource();
        var asked = Enumerable.Range(0, 50).Select(_ => test.Queries.ExecuteAsync(new SearchQuery("a", 1), async _ =>
        {
            Interlocked.Increment(ref _executed);
            await gate.Task;
            return 7;
        }, Stop).AsTask()).ToList();
        gate.SetResult();
        Assert.All(await Task.WhenAll(asked), static result => Assert.Equal(7, result));
        Assert.Equal(1, _executed);
    }

    [Fact]
    public async Task The_lifetime_of_a_result_is_that_of_its_query_its_data_type_or_the_options()
    {
        await using var test = new QueriesUnderTest(configure: static o => o.DataTypes["slow"] = new() { Expiration = TimeSpan.FromHours(1) });
        Assert.Equal(TimeSpan.FromSeconds(300), await LifeAsync(new LifeQuery(null)));
        Assert.Equal(TimeSpan.FromSeconds(7), await LifeAsync(new LifeQuery(TimeSpan.FromSeconds(7))));
        Assert.Equal(TimeSpan.FromHours(1), await LifeAsync(new LifeQuery(null, DataType: "slow")));
        Assert.Equal(TimeSpan.FromSeconds(8), await LifeAsync(new LifeQuery(TimeSpan.FromSeconds(8), DataType: "slow")));
        Assert.Equal(TimeSpan.FromSeconds(300), await LifeAsync(new LifeQuery(null, FreshFor: TimeSpan.FromSeconds(5))));
        Assert.Equal(TimeSpan.FromSeconds(5), test.Cache.Inspect("query_cache:LifeQuery:life")!.FreshIn);

        async Task<TimeSpan> LifeAsync(LifeQuery query)
        {
            await test.Cache.RemoveAsync("query_cache:LifeQuery:life", Stop);
            await ExecuteAsync(test, query, 1);
            return test.Cache.Inspect("query_cache:LifeQuery:life")!.ExpiresIn;
        }
    }

    [Fact]
    public async Task A_result_has_the_tags_of_its_query_its_type_and_its_execution()
    {
        await using var test = new QueriesUnderTest();
        await test.Queries.ExecuteAsync(new GetUserQuery("1"), static (_, context, _) =>
        {
            context.AddTag("learned");
            return new ValueTask<int>(1);
        }, Stop);
        Assert.Equal(["learned", "query_cache:GetUserQuery", "tag of 1"], test.Cache.Inspect("query_cache:GetUserQuery:1")!.Tags.Order(StringComparer.Ordinal));
        await test.Cache.Invalidator.InvalidateTagAsync("tag of 1", cancellationToken: Stop);
        Assert.Equal(2, await ExecuteAsync(test, new GetUserQuery("1"), 2));
    }

    [Fact]
    public async Task A_result_that_is_invalidated_while_it_is_read_is_not_kept()
    {
        await using var test = new QueriesUnderTest(b => b.InvalidateOn<UserRegistered>((_, i) => i.Queries<SearchQuery>()));
        var gate = new TaskCompletionSource();
        var slow = test.Queries.ExecuteAsync(new SearchQuery("a", 1), async _ =>
        {
            await gate.Task;
            return "old";
        }, Stop).AsTask();
        await test.Strategy.InvalidateAsync(new UserRegistered("1"), Stop);
        Assert.Equal("new", await ExecuteAsync(test, new SearchQuery("a", 1), "new"));
        gate.SetResult();
        Assert.Equal("old", await slow);
        Assert.Equal("new", await ExecuteAsync(test, new SearchQuery("a", 1), "newer"));
    }

    [Fact]
    public async Task A_query_that_throws_and_a_failed_result_are_not_cached()
    {
        await using var test = new QueriesUnderTest(b => b.AddQueryCache(static o => o.FailWhen<IError>(static e => e.IsError)));
        var thrown = await Assert.ThrowsAsync<TimeoutException>(
            () => test.Queries.ExecuteAsync<int>(new GetUserQuery("throws"), static _ => throw new TimeoutException("away"), Stop).AsTask());
        Assert.Equal("away", thrown.Message);
        Assert.Equal(2, await ExecuteAsync(test, new GetUserQuery("throws"), 2));
        for (var i = 0; i < 2; i++)
        {
            await ExecuteAsync(test, new GetUserQuery("failed"), new Outcome(false));
            await ExecuteAsync(test, new GetUserQuery("error"), new Error(true));
            await ExecuteAsync(test, new GetUserQuery("succeeded"), new Outcome(true));
            await ExecuteAsync(test, new GetUserQuery("no error"), new Error(false));
        }

        Assert.Equal(1 + 4 + 2, _executed);
    }

    [Fact]
    public async Task The_context_of_a_query_accepts_DoNotStore_and_tags_even_without_caching()
    {
        await using var test = new QueriesUnderTest();
        foreach (var query in new object[] { new GetUserQuery("1"), new PlainQuery(1) })
        {
            for (var i = 1; i <= 2; i++)
            {
                Assert.Equal(i, await test.Queries.ExecuteAsync(query, (_, context, _) =>
                {
                    context.AddTag("tag");
                    context.DoNotStore();
                    return new ValueTask<int>(i);
                }, Stop));
            }
        }
    }

    [Fact]
    public async Task A_query_result_is_returned_and_not_stored_if_FailWhen_throws()
    {
        await using var test = new QueriesUnderTest(b => b.AddQueryCache(static o => o.FailWhen<int>(static _ => throw new NotSupportedException())));
        Assert.Equal(1, await ExecuteAsync(test, new GetUserQuery("1"), 1));
        Assert.Equal(2, await ExecuteAsync(test, new GetUserQuery("1"), 2));
    }

    [Theory]
    [InlineData(true, true, new[] { 51, 50 })]
    [InlineData(true, false, new[] { 50 })]
    [InlineData(false, true, new[] { 51 })]
    [InlineData(false, false, new int[0])]
    public async Task Hits_and_misses_are_logged_according_to_the_options_without_the_key(bool hits, bool misses, int[] ids)
    {
        await using var test = new QueriesUnderTest(b => b.AddQueryCache(o => (o.LogHits, o.LogMisses) = (hits, misses)));
        await ExecuteAsync(test, new GetUserQuery("secret"), 1);
        await ExecuteAsync(test, new GetUserQuery("secret"), 1);
        Assert.Equal(ids, test.Lines.Select(static line => line.Id));
        Assert.All(test.Lines, static line => Assert.DoesNotContain("secret", line.Text + string.Join(' ', line.Fields.Values), StringComparison.Ordinal));
        Assert.All(test.Lines, static line => Assert.Equal("GetUserQuery", line.Fields["Query"]));
    }

    [Fact]
    public async Task A_value_of_the_fail_safe_is_logged_as_a_hit()
    {
        await using var test = new QueriesUnderTest(b => b.AddQueryCache(o => (o.Expiration, o.LogHits, o.LogMisses) = (TimeSpan.FromMinutes(1), true, true)), o => o.FailSafeFor = TimeSpan.FromHours(1));
        await ExecuteAsync(test, new GetUserQuery("1"), 1);
        test.Clock.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(1, await test.Queries.ExecuteAsync<int>(new GetUserQuery("1"), static _ => throw new InvalidOperationException("down"), Stop));

        Assert.Equal([51, 50], test.Lines.Select(static line => line.Id));
    }

    [Fact]
    public async Task Caches_of_other_names_have_options_and_results_of_their_own()
    {
        await using var services = new ServiceCollection().AddUnstale().AddQueryCache().Services.AddUnstale("other").AddQueryCache(static o => o.KeyPrefix = "other").Services.BuildServiceProvider();
        Assert.Equal("query_cache:GetUserQuery:1", services.GetRequiredService<QueryCache>().KeyOf(new GetUserQuery("1")));
        Assert.Equal("other:GetUserQuery:1", services.GetRequiredKeyedService<QueryCache>("other").KeyOf(new GetUserQuery("1")));
        Assert.Same(services.GetRequiredService<QueryCache>(), services.GetRequiredKeyedService<QueryCache>("default"));
    }

    private ValueTask<T> ExecuteAsync<T>(QueriesUnderTest test, object query, T result) => test.Queries.ExecuteAsync(query, _ =>
    {
        Interlocked.Increment(ref _executed);
        return new ValueTask<T>(result);
    }, Stop);

    private static async ValueTask<CacheOutcome> OutcomeAsync(QueriesUnderTest test, object query) =>
        (await test.Queries.ExecuteWithInfoAsync(query, 1, static (_, state, _, _) => new ValueTask<int>(state), Stop)).Outcome;

    private interface IError
    {
        bool IsError { get; }
    }

    private sealed record Error(bool IsError) : IError;

    private sealed record Outcome(bool IsSuccess) : ISucceeded;
}
