using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Cluster;

/// <summary>Calls with tags that the value in the second level lacks: new code beside old code, or two call sites.</summary>
public sealed class RemoteValueCallTagTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("old", "new")]
    [InlineData("", "new")]
    [InlineData("old", "old,new")]
    [InlineData("old", "new,other")]
    public async Task A_remote_value_is_refused_if_a_tag_named_only_by_the_call_was_invalidated_after_its_stamp(string before, string now)
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await cluster.A.ReadAsync("k", source, tags: Tags(before));
        source.Value = "v2";
        await cluster.B.Invalidator.InvalidateTagAsync("new", cancellationToken: Stop);
        Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Load), await cluster.B.ReadAsync("k", source, tags: Tags(now)));
        Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Memory), await cluster.B.ReadAsync("k", source, tags: Tags(now)));
        var c = cluster.Add();
        Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Remote), await c.ReadAsync("k", source, tags: Tags(now)));
    }

    [Fact]
    public async Task A_remote_value_is_refused_if_another_node_has_invalidated_a_tag_named_only_by_the_call()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await cluster.A.ReadAsync("k", source, tags: "old");
        source.Value = "v2";
        await cluster.A.Invalidator.InvalidateTagAsync("new", cancellationToken: Stop);
        Assert.Equal("v2", (await cluster.B.ReadAsync("k", source, tags: ["old", "new"])).Value);
    }

    [Fact]
    public async Task A_remote_value_read_with_another_tag_is_invalidated_by_its_own_tag_and_by_the_tag_of_the_call()
    {
        foreach (var tag in new[] { "old", "new" })
        {
            await using var cluster = new TestCluster();
            var source = new Source();
            await cluster.A.ReadAsync("k", source, tags: "old");
            Assert.Equal(CacheOutcome.Remote, (await cluster.B.ReadAsync("k", source, tags: "new")).Outcome);
            Assert.Equal(["new", "old"], cluster.B.Cache.Inspect("k")!.Tags.Order(StringComparer.Ordinal));
            source.Value = "v2";
            await cluster.A.Invalidator.InvalidateTagAsync(tag, cancellationToken: Stop);
            Assert.Equal("v2", (await cluster.B.ReadAsync("k", source, tags: "new")).Value);
        }
    }

    [Fact]
    public async Task A_record_received_after_the_read_invalidates_a_remote_value_by_a_tag_of_the_call()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await cluster.A.ReadAsync("k", source, tags: "old");
        cluster.B.Faults.DropsPushes = true;
        await cluster.A.Invalidator.InvalidateTagAsync("new", cancellationToken: Stop);
        await cluster.A.Invalidator.InvalidateTagAsync("unrelated", cancellationToken: Stop);
        Assert.Equal("v1", (await cluster.B.ReadAsync("k", source, tags: ["old", "new"])).Value); // within the bound
        source.Value = "v2";
        cluster.B.Faults.DropsPushes = false;
        cluster.Advance(1);
        await Eventually.Holds("the node has caught up", () => cluster.B.Position == cluster.A.Position);
        Assert.Equal("v2", (await cluster.B.ReadAsync("k", source, tags: ["old", "new"])).Value);
    }

    [Fact]
    public async Task A_node_that_started_after_the_value_was_stored_loads_anew()
    {
        await using var cluster = new TestCluster(1);
        var source = new Source();
        await cluster.A.ReadAsync("k", source, tags: "old");
        await cluster.A.ReadAsync("same", new Source(), tags: "old");
        source.Value = "v2";
        await cluster.A.Invalidator.InvalidateTagAsync("new", cancellationToken: Stop);
        var restarted = cluster.Add();
        Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Load), await restarted.ReadAsync("k", source, tags: ["old", "new"]));
        Assert.Equal(CacheOutcome.Remote, (await restarted.ReadAsync("same", new Source(), tags: "old")).Outcome);
    }

    [Fact]
    public async Task An_all_of_selector_with_tags_of_the_call_and_of_the_remote_value_refuses_the_value()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await cluster.A.ReadAsync("k", source, tags: "old");
        source.Value = "v2";
        await cluster.B.Invalidator.InvalidateAsync(allOf: ["old", "new"], cancellationToken: Stop);
        Assert.Equal("v2", (await cluster.B.ReadAsync("k", source, tags: "new")).Value);
    }

    [Fact]
    public async Task A_remote_value_is_refused_if_a_dependency_declared_later_was_invalidated()
    {
        await using var cluster = new TestCluster(1);
        var source = new Source();
        await cluster.A.ReadAsync("report", source);
        var b = cluster.Add();
        b.Cache.Rules.AddDependency("report", "base");
        source.Value = "v2";
        await cluster.A.Invalidator.InvalidateKeyAsync("base", cancellationToken: Stop);
        Assert.Equal("v2", (await b.ReadAsync("report", source)).Value);
    }

    [Fact]
    public async Task A_remote_value_stored_without_its_namespace_is_refused_after_an_invalidation_of_the_namespace()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        var space = cluster.B.Cache.Namespace("tenant");
        await cluster.A.ReadAsync(space.KeyOf("k"), source);
        source.Value = "v2";
        await space.InvalidateAsync(cancellationToken: Stop);
        Assert.Equal("v2", await space.GetOrCreateAsync("k", source.LoadAsync, cancellationToken: Stop));
    }

    [Fact]
    public async Task A_value_set_without_a_tag_of_the_call_is_refused_after_an_invalidation_of_the_tag()
    {
        await using var cluster = new TestCluster();
        await cluster.A.Cache.SetAsync("k", "v1", tags: ["old"], cancellationToken: Stop);
        await cluster.B.Invalidator.InvalidateTagAsync("new", cancellationToken: Stop);
        Assert.Equal("v2", (await cluster.B.ReadAsync("k", new Source("v2"), tags: "new")).Value);
    }

    [Fact]
    public async Task A_remote_value_with_a_freshness_is_refused_after_the_invalidation_of_a_tag_of_the_call()
    {
        await using var cluster = new TestCluster();
        var options = new UnstaleEntryOptions { Expiration = TimeSpan.FromMinutes(10), FreshFor = TimeSpan.FromMinutes(1) };
        await cluster.B.ReadAsync("k", new Source("v0"), options, "new");
        cluster.Advance(59);
        var source = new Source();
        await cluster.A.Cache.SetAsync("k", "v1", options, tags: ["old"], cancellationToken: Stop);
        Assert.Equal("v1", (await cluster.B.ReadAsync("k", source, options, "new")).Value);
        await cluster.B.Invalidator.InvalidateTagAsync("new", cancellationToken: Stop);
        source.Value = "v2";
        Assert.Equal("v2", (await cluster.B.ReadAsync("k", source, options, "new")).Value);
    }

    [Fact]
    public async Task A_joining_call_with_an_additional_tag_gets_no_value_invalidated_by_that_tag()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await cluster.A.ReadAsync("k", source, tags: "old");
        source.Value = "v2";
        await cluster.B.Invalidator.InvalidateTagAsync("new", cancellationToken: Stop);
        var get = cluster.B.Faults.HoldNext(Remote.ServerScript.Get);
        var first = cluster.B.ReadAsync("k", source, tags: "old").AsTask();
        await Eventually.Ends("the second level is asked", get.Reached);
        var joined = cluster.B.ReadAsync("k", source, tags: "new").AsTask();
        get.Release();
        await Eventually.Ends("the first read ends", first);
        Assert.Equal("v2", (await Eventually.Ends("the other read ends", joined)).Value);
        Assert.Equal("v2", (await cluster.B.ReadAsync("k", source, tags: "new")).Value);
    }

    [Fact]
    public async Task A_value_loaded_for_several_calls_has_the_tags_of_all_of_them()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        source.Hold();
        var first = cluster.A.ReadAsync("k", source, tags: "one").AsTask();
        await Eventually.Ends("the load has begun", source.Started);
        var second = cluster.A.ReadAsync("k", source, tags: "two").AsTask();
        source.LetGo();
        await Eventually.Ends("both end", Task.WhenAll(first, second));
        Assert.Equal(1, source.Loads);
        Assert.Equal(["one", "two"], cluster.A.Cache.Inspect("k")!.Tags.Order(StringComparer.Ordinal));
        source.Value = "v2";
        await cluster.A.Invalidator.InvalidateTagAsync("two", cancellationToken: Stop);
        Assert.Equal("v2", (await cluster.B.ReadAsync("k", source, tags: "one")).Value);
    }

    private static string[] Tags(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries);
}
