using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Transactions;

/// <summary>A flow reads its own writes before any other flow does, and stores no value that may never be committed.</summary>
public sealed class ScopeReadTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("key")]
    [InlineData("tag")]
    [InlineData("glob")]
    [InlineData("regex")]
    [InlineData("everything")]
    [InlineData("change")]
    [InlineData("scheduled")]
    [InlineData("set")]
    [InlineData("removed")]
    [InlineData("declared")]
    public async Task A_read_in_a_scope_returns_the_uncommitted_write_and_other_flows_read_the_old_value(string raised)
    {
        await using var test = new ScopeUnderTest();
        test.Cache.Rules.AddDependency("product:7", "price");
        test.Source["product:7"] = "old";
        Assert.Equal("old", await test.ReadAsync("product:7", tags: "product:7"));
        Assert.Equal("old", await test.ReadAsync("product:7", test.Beside, "product:7"));
        using (var scope = test.Invalidator.BeginScope())
        {
            test.Source["product:7"] = "new";
            await RaiseAsync(test, raised);
            Assert.Equal("new", await test.ReadAsync("product:7", tags: "product:7"));
            Assert.False(test.Cache.TryGet("product:7", out string _));
            Assert.Equal("new", await test.ReadAsync("product:7", test.Beside, "product:7"));
            Assert.Equal("new", await Task.Run(() => test.ReadAsync("product:7", tags: "product:7"), Stop));
            Assert.Equal("old", await test.ReadElsewhereAsync("product:7", tags: "product:7"));
            Assert.Equal(EntryState.Live, test.Cache.Inspect("product:7")!.State);
            await scope.CompleteAsync(Stop);
        }

        test.Test.Sweep();
        Assert.Equal("new", await test.ReadElsewhereAsync("product:7", tags: "product:7"));
        Assert.Equal("new", await test.ReadElsewhereAsync("product:7", test.Beside, "product:7"));
        Assert.True(test.Cache.TryGet("product:7", out string kept) && kept == "new");
    }

    [Fact]
    public async Task After_a_rollback_the_old_value_is_served_and_the_uncommitted_value_was_never_stored()
    {
        await using var test = new ScopeUnderTest();
        test.Source["k"] = "old";
        await test.ReadAsync("k");
        using (test.Invalidator.BeginScope())
        {
            test.Source["k"] = "never committed";
            await test.Cache.SetAsync("k", "never committed", cancellationToken: Stop);
            Assert.Equal("never committed", await test.ReadAsync("k"));
            test.Source["k"] = "old";
        }

        Assert.True(test.Cache.TryGet("k", out string kept) && kept == "old");
        Assert.Equal("old", await test.ReadAsync("k"));
        Assert.Equal(2, test.Loads);
    }

    [Fact]
    public async Task A_scope_serves_unaffected_keys_from_memory_and_stores_no_loaded_value()
    {
        await using var test = new ScopeUnderTest();
        test.Source["held"] = "held";
        await test.ReadAsync("held");
        using (test.Invalidator.BeginScope())
        {
            await test.Cache.RemoveAsync("other", Stop);
            Assert.Equal("held", await test.ReadAsync("held"));
            Assert.Equal(1, test.Loads);
            await test.ReadAsync("loaded");
            Assert.Null(test.Cache.Inspect("loaded"));
        }

        await test.ReadAsync("loaded");
        Assert.NotNull(test.Cache.Inspect("loaded"));
    }

    [Fact]
    public async Task A_scope_does_not_hide_entries_of_another_log()
    {
        await using var test = new ScopeUnderTest();
        await test.ReadAsync("k", test.Apart);
        using var scope = test.Invalidator.BeginScope();
        await test.Cache.RemoveAsync("k", Stop);
        Assert.True(test.Apart.TryGet("k", out string _));
    }

    [Fact]
    public async Task A_scope_does_not_read_values_derived_from_a_key_invalidated_in_it()
    {
        await using var test = new ScopeUnderTest();
        ValueTask<string> Sum(CancellationToken token) => new(test.ReadAsync("part"));
        test.Source["part"] = "old";
        Assert.Equal("old", await test.Cache.GetOrCreateAsync("sum", Sum, cancellationToken: Stop));
        using var scope = test.Invalidator.BeginScope();
        test.Source["part"] = "new";
        await test.Cache.RemoveAsync("part", Stop);
        Assert.Equal("new", await test.Cache.GetOrCreateAsync("sum", Sum, cancellationToken: Stop));
        Assert.Equal("old", await ScopeUnderTest.ElsewhereAsync(() => test.Cache.GetOrCreateAsync("sum", Sum, cancellationToken: Stop).AsTask()));
    }

    [Fact]
    public async Task A_read_in_a_scope_ignores_remote_values_invalidated_in_the_scope()
    {
        await using var cluster = new TestCluster(2);
        var source = new Source();
        await cluster.A.ReadAsync("k", source, tags: "t");
        await Eventually.Holds("it is on the server", () => cluster.Server.Read(data => data.Values.Count == 1));
        var cached = new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableUnderlyingData };
        using (var scope = cluster.B.Invalidator.BeginScope())
        {
            await cluster.B.Cache.RemoveByTagAsync("t", Stop);
            source.Value = "v2";
            Assert.Null(await cluster.B.Cache.GetOrCreateAsync<string?>("k", static _ => new((string?)"none"), cached, cancellationToken: Stop));
            Assert.Equal("v2", (await cluster.B.ReadAsync("k", source, tags: "t")).Value);
            Assert.Equal("v1", (await cluster.A.ReadAsync("k", source, tags: "t")).Value);
            await scope.CompleteAsync(Stop);
        }

        await Eventually.Holds("the other node has heard it", () => !cluster.A.Holds("k"));
        Assert.Equal("v2", (await cluster.A.ReadAsync("k", source, tags: "t")).Value);
    }

    [Fact]
    public async Task A_load_running_outside_a_scope_is_not_joined_in_the_scope_and_its_value_is_not_stored()
    {
        await using var test = new ScopeUnderTest();
        var outside = new GatedSource { Value = "old" };
        var running = test.Cache.GetOrCreateAsync("k", outside.ReadAsync, cancellationToken: Stop).AsTask();
        await outside[1].BegunAsync();
        using (var scope = test.Invalidator.BeginScope())
        {
            await test.Cache.RemoveAsync("k", Stop);
            Assert.Equal("new", await test.Cache.GetOrCreateAsync("k", static _ => new ValueTask<string>("new"), cancellationToken: Stop));
            await scope.CompleteAsync(Stop);
        }

        outside[1].LetGo();
        Assert.Equal("old", await running);
        Assert.False(test.Cache.TryGet("k", out string _));
    }

    private static async Task RaiseAsync(ScopeUnderTest test, string raised)
    {
        var i = test.Invalidator;
        _ = raised switch
        {
            "key" => await i.InvalidateKeyAsync("product:7", cancellationToken: Stop),
            "tag" => await i.InvalidateTagAsync("product:7", cancellationToken: Stop),
            "glob" => await i.InvalidatePatternAsync(new GlobPattern("product:*"), cancellationToken: Stop),
            "regex" => await i.InvalidatePatternAsync(new RegexPattern("^prod"), cancellationToken: Stop),
            "everything" => await i.InvalidateEverythingAsync(cancellationToken: Stop),
            "change" => await i.ChangedAsync("product", 7, cancellationToken: Stop),
            "scheduled" => i.InvalidateLater(["product:7"]),
            "declared" => await i.InvalidateKeyAsync("price", cancellationToken: Stop),
            _ => null,
        };
        if (raised == "set")
            await test.Cache.SetAsync("product:7", "set", cancellationToken: Stop);
        if (raised == "removed")
            await test.Cache.RemoveAsync("product:7", Stop);
    }
}
