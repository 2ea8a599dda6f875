using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Unstale.Log;
using Unstale.Queries;
using Unstale.Rules;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Queries;

public sealed class EventStrategyTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_targets_of_several_rules_for_one_event_are_appended_in_one_record()
    {
        await using var test = new QueriesUnderTest(b => b
            .InvalidateOn<UserRegistered>((e, i) => i.Keys($"key:{e.UserId}").Tags("tag"))
            .AddEventRule(new EventInvalidationRule(typeof(UserRegistered)) { Patterns = [new GlobPattern("pattern:*")], Keys = ["fixed"], Tags = ["fixed tag"] })
            .InvalidateOn<UserRegistered>((e, i) => i.Glob($"glob:{e.UserId}:*")));
        await test.HoldAsync("key:7", "key:8", "pattern:1", "fixed", "glob:7:a", "glob:8:a");
        foreach (var tag in new[] { "tag", "fixed tag", "other tag" })
            await test.Cache.SetAsync(tag, tag, tags: [tag], cancellationToken: Stop);
        var before = await test.RecordsAsync();
        var receipts = await test.Strategy.InvalidateAsync(new UserRegistered("7"), Stop);
        Assert.Equal(before + 1, Assert.Single(receipts).Position.Sequence);
        Assert.Equal(before + 2, await test.RecordsAsync());
        Assert.Equal(
            ["key:8", "glob:8:a", "other tag"],
            test.Held("key:7", "key:8", "pattern:1", "fixed", "glob:7:a", "glob:8:a", "tag", "fixed tag", "other tag"));
    }

    [Fact]
    public async Task Parallel_branches_of_a_rule_lose_no_name()
    {
        await using var test = new QueriesUnderTest(b => b.InvalidateOn<UserRegistered>((_, i) => Parallel.For(0, 300, n => i.Tags($"t{n}").Changed("user", $"{n}"))));
        for (var n = 0; n < 300; n++)
        {
            await test.Cache.SetAsync($"a{n}", "v", tags: [$"t{n}"], cancellationToken: Stop);
            await test.Cache.SetAsync($"b{n}", "v", tags: [$"user:{n}"], cancellationToken: Stop);
        }

        await test.Strategy.InvalidateAsync(new UserRegistered("7"), Stop);
        Assert.Empty(test.Held([.. Enumerable.Range(0, 300).SelectMany(n => new[] { $"a{n}", $"b{n}" })]));
    }

    [Fact]
    public async Task A_raised_InvalidationSet_refuses_further_names()
    {
        InvalidationSet? left = null;
        await using var test = new QueriesUnderTest(b => b.InvalidateOn<UserRegistered>((_, i) => left = i.Keys("k")));
        await test.Strategy.InvalidateAsync(new UserRegistered("7"), Stop);
        foreach (var late in new Action[]
        {
            () => left!.Keys("late"), () => left!.Tags("late"), () => left!.Glob($"late"), () => left!.Everything(), () => left!.Changed("late"),
        })
        {
            var refused = Assert.Throws<InvalidOperationException>(late);
            Assert.Equal("The InvalidationSet is already raised and can no longer be changed. Add to the set before its rule returns.", refused.Message);
        }
    }

    [Fact]
    public async Task A_change_in_an_InvalidationSet_is_copied_when_it_is_added()
    {
        var ids = new List<string> { "7" };
        var context = new Dictionary<string, object?> { ["user"] = ids };
        await using var test = new QueriesUnderTest(b => b.InvalidateOn<UserRegistered>((_, i) =>
        {
            i.Changed(new Change("order") { Context = context });
            ids.Clear();
            context.Clear();
        }));
        test.Cache.Rules.Add(new Unstale.Rules.InvalidationRule { Name = "r", Triggers = ["order"], Keys = ["orders:{user}"] });
        await test.HoldAsync("orders:7", "orders:8");
        await test.Strategy.InvalidateAsync(new UserRegistered("7"), Stop);
        Assert.Equal(["orders:8"], test.Held("orders:7", "orders:8"));
    }

    [Fact]
    public async Task A_rule_for_a_base_type_or_an_interface_applies_to_derived_events()
    {
        await using var test = new QueriesUnderTest(b => b
            .InvalidateOn<IDomainEvent>((_, i) => i.Keys("any"))
            .InvalidateOn<IAboutUser>((e, i) => i.Keys($"about:{e.UserId}"))
            .InvalidateOn<UserEvent>((_, i) => i.Keys("user"))
            .InvalidateOn<UserRegistered>((_, i) => i.Keys("registered")));
        string[] keys = ["any", "about:7", "user", "registered"];
        Assert.Equal(Of(), await LeftAfterAsync(new UserRegistered("7")));
        Assert.Equal(Of("registered"), await LeftAfterAsync(new UserRenamed("7")));
        Assert.Equal(Of("registered"), await LeftAfterAsync(new UserEvent("7")));
        Assert.Equal(Of("about:7", "user", "registered"), await LeftAfterAsync(new OrderCreated("7")));

        async Task<string[]> LeftAfterAsync(object domainEvent)
        {
            await test.HoldAsync(keys);
            await test.Strategy.InvalidateAsync(domainEvent, Stop);
            return test.Held(keys);
        }
    }

    [Fact]
    public async Task An_event_without_a_rule_invalidates_nothing()
    {
        await using var test = new QueriesUnderTest(b => b.InvalidateOn<UserRegistered>((_, i) => i.Everything()).InvalidateOn<UserRenamed>((_, _) => { }));
        await test.HoldAsync("k");
        var before = await test.RecordsAsync();
        Assert.Empty(await test.Strategy.InvalidateAsync(new Unheard(), Stop));
        Assert.Empty(await test.Strategy.InvalidateAsync(new UserRenamed("1"), Stop));
        Assert.Equal(before + 1, await test.RecordsAsync());
        Assert.Equal(["k"], test.Held("k"));
        Assert.Empty(test.Lines);
        Assert.Equal([true, true, false], new[] { typeof(UserRegistered), typeof(UserRenamed), typeof(Unheard) }.Select(test.Strategy.Handles));
    }

    [Fact]
    public async Task An_InvalidationSet_accepts_a_query_all_results_of_a_query_an_entity_a_change_and_everything()
    {
        await using var test = new QueriesUnderTest(b => b
            .InvalidateOn<UserRegistered>((e, i) => i.Query(new GetUserQuery(e.UserId)).Query(new ListUsersQuery(null)))
            .InvalidateOn<UserRenamed>((_, i) => i.Queries<GetUserQuery>())
            .InvalidateOn<OrderCreated>((e, i) => i.Entity<GetUserQuery>(e.CustomerId).Changed("order", e.CustomerId, ChangeOperation.Create))
            .InvalidateOn<Unheard>((_, i) => i.Everything().Keys("more")));
        string[] keys = ["query_cache:GetUserQuery:1", "query_cache:GetUserQuery:2", "query_cache:ListUsersQuery:1", "order"];
        Assert.Equal(keys[1..], await LeftAfterAsync(new UserRegistered("1")));
        Assert.Equal(keys[2..], await LeftAfterAsync(new UserRenamed("1")));
        Assert.Equal(Of("query_cache:GetUserQuery:1", "query_cache:ListUsersQuery:1"), await LeftAfterAsync(new OrderCreated("2")));
        Assert.Equal(Of("query_cache:ListUsersQuery:1", "order"), await LeftAfterAsync(new OrderCreated("")));
        Assert.Equal(Of(), await LeftAfterAsync(new Unheard()));

        async Task<string[]> LeftAfterAsync(object domainEvent)
        {
            foreach (var query in new ICacheableQuery[] { new GetUserQuery("1"), new GetUserQuery("2"), new ListUsersQuery("1") })
                await test.Queries.ExecuteAsync(query, static _ => new ValueTask<string>("result"), Stop);
            await test.Cache.SetAsync("order", "order", tags: ["order:2"], cancellationToken: Stop);
            try
            {
                await test.Strategy.InvalidateAsync(domainEvent, Stop);
            }
            catch (AggregateException)
            {
                Assert.Equal(new OrderCreated(""), domainEvent); // a change with an empty id is rejected, so all queries are invalidated
                Assert.Equal(54, Assert.Single(test.Lines, static line => line.Level == LogLevel.Error).Id);
                return [.. test.Held(keys).Prepend("query_cache:ListUsersQuery:1")];
            }

            return test.Held(keys);
        }
    }

    [Fact]
    public async Task A_change_named_by_an_event_rule_is_evaluated_by_the_rules_with_its_context()
    {
        await using var test = new QueriesUnderTest(static b => b
            .AddRules(static r => r.When("order").InvalidateKeys("customer:{customer}:orders"))
            .InvalidateOn<OrderCreated>(static (e, i) => i.Changed(new Change("order", "9", ChangeOperation.Create) { Context = new Dictionary<string, object?> { ["customer"] = e.CustomerId } })));
        await test.HoldAsync("customer:7:orders", "customer:8:orders");
        await test.Strategy.InvalidateAsync(new OrderCreated("7"), Stop);
        Assert.Equal(["customer:8:orders"], test.Held("customer:7:orders", "customer:8:orders"));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("[a-z]?")]
    [InlineData(@"\")]
    public async Task A_value_in_a_glob_is_escaped(string id)
    {
        await using var test = new QueriesUnderTest(b => b.InvalidateOn<UserRegistered>((e, i) => i.Glob($"user:{e.UserId}:*")));
        await test.HoldAsync($"user:{id}:a", "user:1:a", "user:ab:a");
        await test.Strategy.InvalidateAsync(new UserRegistered(id), Stop);
        Assert.Equal(["user:1:a", "user:ab:a"], test.Held($"user:{id}:a", "user:1:a", "user:ab:a"));
    }

    [Fact]
    public async Task A_null_value_in_a_glob_is_a_star_and_other_values_are_culture_invariant()
    {
        await using var test = new QueriesUnderTest(b => b
            .InvalidateOn<UserRegistered>((_, i) => i.Glob($"user:{null as string}:*"))
            .InvalidateOn<OrderCreated>((_, i) => i.Glob($"order:{1.5}:{new DateOnly(2026, 2, 3):yyyyMMdd}")));
        await test.HoldAsync("user:1:a", "order:1.5:20260203", "order:2");
        await test.Strategy.InvalidateAsync(new UserRegistered("1"), Stop);
        await test.Strategy.InvalidateAsync(new OrderCreated("1"), Stop);
        Assert.Equal(["order:2"], test.Held("user:1:a", "order:1.5:20260203", "order:2"));
    }

    [Fact]
    public async Task A_throwing_rule_invalidates_all_queries_and_the_targets_of_other_rules_and_the_caller_gets_an_error()
    {
        await using var test = new QueriesUnderTest(b => b
            .InvalidateOn<UserRegistered>((_, i) =>
            {
                i.Keys("named before");
                throw new TimeoutException("no data");
            })
            .InvalidateOn<UserRegistered>((_, i) => i.Keys("other rule")));
        await test.HoldAsync("query_cache:GetUserQuery:1", "named before", "other rule", "no query");
        var before = await test.RecordsAsync();
        var failures = await Assert.ThrowsAsync<AggregateException>(() => test.Strategy.InvalidateAsync(new UserRegistered("1"), Stop).AsTask());
        Assert.Equal("no data", Assert.IsType<TimeoutException>(Assert.Single(failures.InnerExceptions)).Message);
        Assert.Equal(before + 2, await test.RecordsAsync());
        Assert.Equal(["no query"], test.Held("query_cache:GetUserQuery:1", "named before", "other rule", "no query"));
        var line = Assert.Single(test.Lines, static line => line.Level == LogLevel.Error);
        Assert.Equal((53, "UserRegistered"), (line.Id, line.Fields["Type"]));
    }

    [Fact]
    public async Task A_change_whose_list_of_fields_throws_is_raised_with_unknown_fields_beside_all_queries()
    {
        static IEnumerable<string> Throwing()
        {
            yield return "name";
            throw new InvalidTimeZoneException("the list is broken");
        }

        await using var test = new QueriesUnderTest(b => b.InvalidateOn<UserRegistered>((_, i) => i.Changed("user", "1", fields: Throwing())));
        test.Cache.Rules.Add(new InvalidationRule { Name = "mail", Triggers = ["user"], Fields = ["email"], Keys = ["no query"] });
        await test.HoldAsync("query_cache:GetUserQuery:1", "no query", "other");
        var failures = await Assert.ThrowsAsync<AggregateException>(() => test.Strategy.InvalidateAsync(new UserRegistered("1"), Stop).AsTask());
        Assert.IsType<InvalidTimeZoneException>(Assert.Single(failures.InnerExceptions));
        Assert.Equal(["other"], test.Held("query_cache:GetUserQuery:1", "no query", "other"));
    }

    [Fact]
    public async Task An_invalid_name_of_an_event_rule_invalidates_all_queries_and_the_valid_names()
    {
        await using var test = new QueriesUnderTest(b => b.InvalidateOn<UserRegistered>((e, i) => i.Tags(e.UserId).Keys("good")));
        await test.HoldAsync("query_cache:GetUserQuery:1", "good");
        var failures = await Assert.ThrowsAsync<AggregateException>(() => test.Strategy.InvalidateAsync(new UserRegistered(""), Stop).AsTask());
        Assert.StartsWith("tags[0]: The tag is empty.", Assert.IsType<ArgumentException>(Assert.Single(failures.InnerExceptions)).Message, StringComparison.Ordinal);
        Assert.Empty(test.Held("query_cache:GetUserQuery:1", "good"));
        Assert.Equal(54, Assert.Single(test.Lines, static line => line.Level == LogLevel.Error).Id);
    }

    [Fact]
    public async Task A_strategy_that_fails_does_not_stop_the_others_and_failures_are_reported_together()
    {
        await using var test = new QueriesUnderTest(b => b
            .InvalidateOn<UserRegistered>((_, i) => i.Keys("rule"))
            .AddInvalidationStrategy<FailingStrategy>()
            .AddInvalidationStrategy<UserStrategy>()
            .AddInvalidationStrategy<UserStrategy>());
        await test.HoldAsync("rule", "strategy:1");
        var before = await test.RecordsAsync();
        var composite = new CompositeInvalidationStrategy(test.Strategy).Add(new FailingStrategy());
        var failures = await Assert.ThrowsAsync<AggregateException>(() => composite.InvalidateAsync(new UserRegistered("1"), Stop).AsTask());
        Assert.Equal(["fails", "fails"], failures.Flatten().InnerExceptions.Select(static failure => failure.Message));
        Assert.Equal([], test.Held("rule", "strategy:1"));
        Assert.Equal(before + 3, await test.RecordsAsync());
        Assert.True(composite.Handles(typeof(UserRegistered)));
        Assert.False(composite.Handles(typeof(Unheard)));
    }

    [Fact]
    public async Task A_rule_added_later_applies_to_events_raised_afterwards()
    {
        await using var test = new QueriesUnderTest();
        var strategy = new GrowingStrategy(test.Get<QueryInvalidator>());
        Assert.Empty(await strategy.InvalidateAsync(new UserRegistered("1"), Stop));
        Assert.False(strategy.Handles(typeof(UserRegistered)));
        strategy.Grow();
        Assert.Single(await strategy.InvalidateAsync(new UserRegistered("1"), Stop));
        Assert.True(strategy.Handles(typeof(UserRegistered)));
    }

    [Fact]
    public async Task During_an_outage_the_caller_gets_the_configured_result_and_the_invalidation_is_queued_once()
    {
        await using var test = new QueriesUnderTest(
            static b => b.InvalidateOn<UserRegistered>(static (_, i) => i.Keys("k")),
            static o => o.Log = "away",
            static s => s.AddInvalidationLog("away", static o => o.WhenUnavailable = LogUnavailableBehavior.Throw).AddKeyedSingleton<IInvalidationLog>(KeyedService.AnyKey, static (_, _) => new SilentLog()));
        var raised = test.Strategy.InvalidateAsync(new UserRegistered("1"), Stop).AsTask();
        await Eventually.Holds("the deadline passes", () => raised.IsCompleted, () => test.Clock.Advance(TimeSpan.FromSeconds(1)));
        var failures = await Assert.ThrowsAsync<AggregateException>(() => raised);
        Assert.Equal(ReceiptState.Queued, Assert.IsType<InvalidationLogUnavailableException>(Assert.Single(failures.InnerExceptions)).Receipt.State);
        Assert.Equal(1, test.Cache.GetLogState().Queued);
    }

    private static string[] Of(params string[] keys) => keys;

    private sealed class UserStrategy : CacheInvalidationStrategy
    {
        public UserStrategy(QueryInvalidator invalidator)
            : base(invalidator) => InvalidateOn<UserRegistered>((e, i) => i.Keys($"strategy:{e.UserId}"));
    }

    private sealed class GrowingStrategy(QueryInvalidator invalidator) : CacheInvalidationStrategy(invalidator)
    {
        public void Grow() => InvalidateOn<UserRegistered>((_, i) => i.Keys("k"));
    }

    private sealed class FailingStrategy : IInvalidationStrategy
    {
        public bool Handles(Type eventType) => false;

        public ValueTask<IReadOnlyList<InvalidationReceipt>> InvalidateAsync(object domainEvent, CancellationToken cancellationToken = default) =>
            throw new InvalidOperationException("fails");
    }
}
