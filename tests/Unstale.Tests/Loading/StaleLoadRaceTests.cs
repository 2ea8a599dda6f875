using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>Reads of the source that begin before a write and end after it.</summary>
public sealed class StaleLoadRaceTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Taints => [.. Taint.All.Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Taints))]
    public async Task A_load_that_began_before_an_invalidation_is_never_served_afterwards(string how)
    {
        var taint = Taint.Named(how);
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        var before = taint.ReadAsync(test.Cache, source, token: Stop);
        await source[1].BegunAsync();

        source.Value = "new";
        await taint.RaiseAsync(test.Cache, Stop);
        var after = taint.ReadAsync(test.Cache, source, token: Stop);
        source[1].LetGo();
        source[2].LetGo();

        Assert.Equal("old", await Eventually.Ends("the caller that waited before gets its value", before));
        Assert.Equal("new", await Eventually.Ends("the caller that came afterwards gets its value", after));
        Assert.Equal("new", await taint.ReadAsync(test.Cache, source, token: Stop));
        Assert.Equal(2, source.Reads);
        Assert.Equal(1, test.Cache.GetStatistics().LoadsRefused);
    }

    [Theory]
    [MemberData(nameof(Taints))]
    public async Task A_load_that_ends_after_an_invalidation_is_not_kept(string how)
    {
        var taint = Taint.Named(how);
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        var before = taint.ReadAsync(test.Cache, source, token: Stop);
        await source[1].BegunAsync();
        await taint.RaiseAsync(test.Cache, Stop);
        source[1].LetGo();

        Assert.Equal("old", await before);
        Assert.Null(test.Cache.Inspect(Taint.Key));
        Assert.False(test.Cache.TryGet(Taint.Key, out string _));
        Assert.Equal(0, test.Cache.GetStatistics().Entries);
    }

    [Theory]
    [MemberData(nameof(Taints))]
    public async Task A_load_without_an_invalidation_is_stored_until_a_later_invalidation(string how)
    {
        var taint = Taint.Named(how);
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        source[1].LetGo();
        source[2].LetGo();
        Assert.Equal("old", await taint.ReadAsync(test.Cache, source, token: Stop));
        Assert.Equal(EntryState.Live, test.Cache.Inspect(Taint.Key)!.State);

        source.Value = "new";
        await taint.RaiseAsync(test.Cache, Stop);

        Assert.False(test.Cache.TryGet(Taint.Key, out string _));
        Assert.Equal("new", await taint.ReadAsync(test.Cache, source, token: Stop));
        Assert.Equal(2, source.Reads);
    }

    [Fact]
    public async Task An_unrelated_invalidation_does_not_affect_a_running_load()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        var first = test.Cache.GetOrCreateAsync("product:7", source.ReadAsync, tags: ["p7"], cancellationToken: Stop).AsTask();
        await source[1].BegunAsync();
        await test.Invalidator.InvalidateAsync(
            ["product:70", "product"], ["p", "P7", "p70"], [new GlobPattern("product:?7"), new RegexPattern("7")], cancellationToken: Stop);
        var second = test.Cache.GetOrCreateAsync("product:7", source.ReadAsync, tags: ["p7"], cancellationToken: Stop).AsTask();
        source[1].LetGo();

        Assert.Equal(["old", "old"], await Task.WhenAll(first, second));
        Assert.Equal(1, source.Reads);
        Assert.Equal(EntryState.Live, test.Cache.Inspect("product:7")!.State);
    }

    [Theory]
    [MemberData(nameof(Taints))]
    public async Task A_refresh_that_began_before_an_invalidation_is_not_kept(string how)
    {
        var taint = Taint.Named(how);
        var freshFor = new UnstaleEntryOptions { FreshFor = TimeSpan.FromSeconds(10) };
        await using var test = new CacheUnderTest();
        var source = new GatedSource { Value = "oldest" };
        source[1].LetGo();
        await taint.ReadAsync(test.Cache, source, freshFor, Stop);
        test.Clock.Advance(TimeSpan.FromSeconds(11));

        source.Value = "old";
        Assert.Equal("oldest", await taint.ReadAsync(test.Cache, source, freshFor, Stop));
        await source[2].BegunAsync();
        source.Value = "new";
        await taint.RaiseAsync(test.Cache, Stop);
        var after = taint.ReadAsync(test.Cache, source, freshFor, Stop);
        source[2].LetGo();
        source[3].LetGo();

        Assert.Equal("new", await Eventually.Ends("the caller that came afterwards gets its value", after));
        Assert.True(test.Cache.TryGet(Taint.Key, out string kept));
        Assert.Equal("new", kept);
        Assert.Equal(3, source.Reads);
    }

    [Fact]
    public async Task A_value_set_while_a_load_runs_wins_over_the_load()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        var before = test.Cache.GetOrCreateAsync("k", source.ReadAsync, cancellationToken: Stop).AsTask();
        await source[1].BegunAsync();
        await test.Cache.SetAsync("k", "set", cancellationToken: Stop);
        Assert.Equal("set", await test.Cache.GetOrCreateAsync("k", source.ReadAsync, cancellationToken: Stop));
        source[1].LetGo();

        Assert.Equal("old", await before);
        Assert.Equal("set", await test.Cache.GetOrCreateAsync("k", source.ReadAsync, cancellationToken: Stop));
        Assert.Equal(1, source.Reads);
    }

    [Fact]
    public async Task A_value_set_in_a_factory_of_another_key_is_kept()
    {
        await using var test = new CacheUnderTest();
        var value = await test.Cache.GetOrCreateAsync(
            "list",
            async token =>
            {
                await test.Cache.SetAsync("item", "set", cancellationToken: token);
                return "list";
            },
            cancellationToken: Stop);

        Assert.Equal("list", value);
        Assert.True(test.Cache.TryGet("item", out string item));
        Assert.Equal("set", item);
        Assert.Equal(EntryState.Live, test.Cache.Inspect("list")!.State);
    }

    [Fact]
    public async Task A_value_is_not_stored_if_its_factory_invalidates_one_of_its_tags()
    {
        await using var test = new CacheUnderTest();
        var value = await test.Cache.GetOrCreateAsync(
            "k",
            async token =>
            {
                await test.Cache.RemoveByTagAsync("t", token);
                return "v";
            },
            tags: ["t"],
            cancellationToken: Stop);

        Assert.Equal("v", value);
        Assert.Null(test.Cache.Inspect("k"));
    }
}
