using Unstale.Rules;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Invalidations;

/// <summary>Invalidations after a write whose list of names throws: the names read before the exception are invalidated.</summary>
public sealed class FailingListTests
{
    private static readonly string[] Calls =
    [
        "remove keys", "remove tags", "remove keys in namespace", "remove tags in namespace",
        "invalidate keys", "invalidate tags", "schedule keys", "schedule tags",
    ];

    private static readonly string[] Faults = ["throws", "null", "empty", "too long", "half pair"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var call in Calls)
            {
                foreach (var fault in Faults)
                    cases.Add(call, fault);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_valid_names_are_invalidated_although_the_list_fails(string call, string fault)
    {
        await using var cluster = new TestCluster();
        var source = await HoldAsync(cluster);
        source.Value = "v2";
        AssertFailure(call, fault, await Record.ExceptionAsync(() => RaiseAsync(cluster.A, call, fault)));
        await FlushAsync(cluster);
        await AssertGoneAsync(cluster, source, fault);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Inside_a_scope_the_valid_names_of_a_failing_list_join_the_scope(string call, string fault)
    {
        await using var cluster = new TestCluster();
        var source = await HoldAsync(cluster);
        source.Value = "v2";
        using (cluster.A.Invalidator.BeginScope())
            AssertFailure(call, fault, await Record.ExceptionAsync(() => RaiseAsync(cluster.A, call, fault)));
        await FlushAsync(cluster);
        Assert.Equal("v1", (await cluster.B.ReadAsync("ns:n//a", source)).Value);
        using (var scope = cluster.A.Invalidator.BeginScope())
        {
            AssertFailure(call, fault, await Record.ExceptionAsync(() => RaiseAsync(cluster.A, call, fault)));
            await scope.CompleteAsync(Stop);
        }

        await FlushAsync(cluster);
        await AssertGoneAsync(cluster, source, fault);
    }

    [Fact]
    public async Task A_failing_list_does_not_stop_the_other_lists_of_the_call_and_the_first_exception_is_thrown()
    {
        await using var cluster = new TestCluster();
        var source = await HoldAsync(cluster);
        source.Value = "v2";
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => cluster.A.Invalidator.InvalidateAsync(
            keys: [""], tags: Throwing(["tag-b"]), patterns: [null!, new GlobPattern("ns:n//a")], cancellationToken: Stop).AsTask());
        Assert.Equal("keys[0]: The key is empty. Expected at least one character. The other names of the call are invalidated. (Parameter 'keys')", refused.Message);
        await AssertGoneAsync(cluster, source, "null");
    }

    [Fact]
    public async Task The_message_names_the_place_of_the_refused_name()
    {
        await using var cluster = new TestCluster();
        var invalidator = cluster.A.Invalidator;
        Assert.StartsWith("tags[2]: The tag is empty.", await MessageAsync(tags: ["a", "b", "", ""]), StringComparison.Ordinal);
        Assert.StartsWith("patterns[1]: The pattern is empty.", await MessageAsync(patterns: [new GlobPattern("a"), null!]), StringComparison.Ordinal);
        Assert.StartsWith("allOf[0]: The tag begins with U+0000", await MessageAsync(allOf: ["\0a", "b"]), StringComparison.Ordinal);

        async Task<string> MessageAsync(string[]? tags = null, KeyPattern[]? patterns = null, string[]? allOf = null) =>
            (await Assert.ThrowsAsync<ArgumentException>(() => invalidator.InvalidateAsync(null, tags, patterns, allOf, cancellationToken: Stop).AsTask())).Message;
    }

    [Theory]
    [InlineData("throws")]
    [InlineData("empty")]
    [InlineData("too long together")]
    public async Task A_failing_all_of_list_matches_by_the_tags_read_before_the_exception(string fault)
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await cluster.B.ReadAsync("both", source, tags: ["x", "y"]);
        await cluster.B.ReadAsync("one", source, tags: ["x"]);
        source.Value = "v2";
        IEnumerable<string> all = fault switch
        {
            "throws" => Throwing(["x", "y"]),
            "empty" => ["x", "", "y"],
            _ => ["x", "y", .. Enumerable.Range(0, 20).Select(static i => new string('z', 200) + i)],
        };
        Assert.NotNull(await Record.ExceptionAsync(() => cluster.A.Invalidator.InvalidateAsync(allOf: all, cancellationToken: Stop).AsTask()));
        Assert.Equal(fault == "too long together" ? "v1" : "v2", (await cluster.B.ReadAsync("both", source)).Value);
        Assert.Equal("v1", (await cluster.B.ReadAsync("one", source)).Value);
    }

    [Fact]
    public async Task A_list_without_a_valid_name_invalidates_nothing()
    {
        await using var cluster = new TestCluster();
        var before = await cluster.A.Invalidator.InvalidateKeyAsync("other", cancellationToken: Stop);
        Assert.IsType<InvalidTimeZoneException>(await Record.ExceptionAsync(() => cluster.A.Cache.RemoveAsync(Throwing([]), Stop).AsTask()));
        await cluster.A.Cache.RemoveByTagAsync(["", ""], Stop);
        await cluster.A.Cache.RemoveAsync((IEnumerable<string>)null!, Stop);
        await cluster.A.Cache.RemoveByTagAsync((IEnumerable<string>)null!, Stop);
        Assert.IsType<ArgumentException>(Record.Exception(() => cluster.A.Invalidator.InvalidateLater(keys: [""])));
        await FlushAsync(cluster);
        var after = await cluster.A.Invalidator.InvalidateKeyAsync("other", cancellationToken: Stop);
        Assert.Equal(before.Position.Sequence + 1, after.Position.Sequence);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_failure_is_thrown_also_where_the_wait_is_cancelled(bool inScope)
    {
        await using var cluster = new TestCluster();
        var source = await HoldAsync(cluster);
        source.Value = "v2";
        using (var scope = inScope ? cluster.A.Invalidator.BeginScope() : null)
        {
            Assert.IsType<InvalidTimeZoneException>(await Record.ExceptionAsync(
                () => cluster.A.Cache.RemoveAsync(Throwing(["ns:n//a"]), new CancellationToken(true)).AsTask()));
            if (scope is not null)
                await scope.CompleteAsync(Stop);
        }

        await AssertGoneAsync(cluster, source, "throws");
    }

    [Fact]
    public async Task A_change_whose_list_of_fields_throws_is_raised_for_rules_about_every_field()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        cluster.A.Cache.Rules.Add(new InvalidationRule { Name = "prices", Triggers = ["product"], Fields = ["price"], Keys = ["k"] });
        await cluster.B.ReadAsync("k", source);
        source.Value = "v2";
        await cluster.A.Invalidator.ChangedAsync("product", "1", fields: ["name"], cancellationToken: Stop);
        Assert.Equal("v1", (await cluster.B.ReadAsync("k", source)).Value);
        var call = () => cluster.A.Invalidator.ChangedAsync("product", "1", fields: Throwing(["name"]), cancellationToken: Stop).AsTask();
        Assert.IsType<InvalidTimeZoneException>(await Record.ExceptionAsync(call));
        Assert.Equal("v2", (await cluster.B.ReadAsync("k", source)).Value);
    }

    [Theory]
    [InlineData("", ChangeScope.Resource)]
    [InlineData("too long", ChangeScope.Resource)]
    [InlineData("too long", ChangeScope.Entity)]
    [InlineData(null, ChangeScope.Entity)]
    public async Task A_change_whose_id_is_refused_is_raised_as_one_of_an_unknown_id(string? id, ChangeScope scope)
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        cluster.A.Cache.Rules.Add(new InvalidationRule { Name = "page", Triggers = ["product"], Keys = ["page:{id}"] });
        await cluster.B.ReadAsync("list", source, tags: "product");
        await cluster.B.ReadAsync("page:7", source);
        source.Value = "v2";
        var text = id == "too long" ? new string('7', 5000) : id;
        Assert.IsType<ArgumentException>(await Record.ExceptionAsync(() => cluster.A.Invalidator.ChangedAsync("product", text, scope: scope, cancellationToken: Stop).AsTask()));
        Assert.Equal("v2", (await cluster.B.ReadAsync("list", source, tags: "product")).Value);
        Assert.Equal("v2", (await cluster.B.ReadAsync("page:7", source)).Value);
    }

    [Fact]
    public async Task A_change_without_a_resource_and_one_that_the_guard_refuses_raise_nothing()
    {
        await using var cluster = new TestCluster(2, static o => o.ChangeGuard = new() { MaximumEntries = 0, WhenExceeded = ChangeGuardAction.Refuse });
        var source = new Source();
        await cluster.A.ReadAsync("list", source, tags: "product");
        source.Value = "v2";
        Assert.IsType<ArgumentException>(await Record.ExceptionAsync(() => cluster.A.Invalidator.ChangedAsync("", "", cancellationToken: Stop).AsTask()));
        Assert.IsType<ChangeRefusedException>(await Record.ExceptionAsync(
            () => cluster.A.Invalidator.ChangedAsync("product", "1", fields: Throwing(["name"]), cancellationToken: Stop).AsTask()));
        Assert.Equal("v1", (await cluster.A.ReadAsync("list", source, tags: "product")).Value);
    }

    private static Task<long> FlushAsync(TestCluster cluster) =>
        Eventually.Ends("the batch is raised", cluster.A.Invalidator.FlushAsync(Stop).AsTask(), () => cluster.Advance(.2));

    private static async Task<Source> HoldAsync(TestCluster cluster)
    {
        var source = new Source();
        foreach (var node in cluster.Nodes)
        {
            await node.ReadAsync("ns:n//a", source, tags: "tag-a");
            await node.ReadAsync("ns:n//b", source, tags: "tag-b");
        }

        return source;
    }

    private static async Task RaiseAsync(ClusterNode node, string call, string fault)
    {
        var keys = Broken("ns:n//a", "ns:n//b", fault);
        var tags = Broken("tag-a", "tag-b", fault);
        switch (call)
        {
            case "remove keys":
                await node.Cache.RemoveAsync(keys, Stop);
                break;
            case "remove tags":
                await node.Cache.RemoveByTagAsync(tags, Stop);
                break;
            case "remove keys in namespace":
                await node.Cache.Namespace("n").RemoveAsync(Broken("a", "b", fault), Stop);
                break;
            case "remove tags in namespace":
                await node.Cache.Namespace("n").RemoveByTagAsync(tags, Stop);
                break;
            case "invalidate keys":
                await node.Invalidator.InvalidateAsync(keys: keys, cancellationToken: Stop);
                break;
            case "invalidate tags":
                await node.Invalidator.InvalidateAsync(tags: tags, cancellationToken: Stop);
                break;
            case "schedule keys":
                node.Invalidator.InvalidateLater(keys: keys);
                break;
            case "schedule tags":
                node.Invalidator.InvalidateLater(tags: tags);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(call), call, null);
        }
    }

    private static IEnumerable<string> Broken(string first, string last, string fault) => fault switch
    {
        "throws" => Throwing([first]),
        "null" => [first, null!, last],
        "empty" => [first, "", last],
        "too long" => [first, new string('x', 5000), last],
        "half pair" => [first, "x\uD83D", last],
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, null),
    };

    private static IEnumerable<string> Throwing(string[] names)
    {
        foreach (var name in names)
            yield return name;
        throw new InvalidTimeZoneException("the list is broken");
    }

    /// <summary>A removal skips names that no cache can have, as HybridCache does. An invalidation refuses them.</summary>
    private static void AssertFailure(string call, string fault, Exception? thrown)
    {
        if (fault == "throws")
            Assert.IsType<InvalidTimeZoneException>(thrown);
        else if (call.StartsWith("remove", StringComparison.Ordinal))
            Assert.Null(thrown);
        else
            Assert.Contains("[1]: ", Assert.IsType<ArgumentException>(thrown).Message, StringComparison.Ordinal);
    }

    private static async Task AssertGoneAsync(TestCluster cluster, Source source, string fault)
    {
        Assert.Equal("v2", (await cluster.B.ReadAsync("ns:n//a", source, tags: "tag-a")).Value);
        if (fault != "throws")
            Assert.Equal("v2", (await cluster.B.ReadAsync("ns:n//b", source, tags: "tag-b")).Value);
    }
}
