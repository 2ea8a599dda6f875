using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>Settings of a factory for its value.</summary>
public sealed class LoadContextTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_load_context_contains_the_key()
    {
        await using var test = new CacheUnderTest();
        Assert.Equal("k:1", await test.Cache.GetOrCreateAsync("k:1", static (c, _) => new ValueTask<string>(c.Key), cancellationToken: Stop));
        Assert.Equal("k:2 s", await test.Cache.GetOrCreateAsync("k:2", "s", static (s, c, _) => new ValueTask<string>($"{c.Key} {s}"), cancellationToken: Stop));
    }

    [Fact]
    public async Task Tags_join_those_of_the_call_each_once()
    {
        await using var test = new CacheUnderTest();
        await LoadAsync(test, static c =>
        {
            c.AddTag("b");
            c.AddTag("c");
            c.AddTag("c");
        });
        Assert.Equal(["a", "b", "c"], test.Cache.Inspect("k")!.Tags);
        await test.Cache.RemoveByTagAsync("c", Stop);
        Assert.Equal(EntryState.Invalidated, test.Cache.Inspect("k")!.State);
    }

    [Fact]
    public async Task The_expiration_replaces_that_of_the_call()
    {
        await using var test = new CacheUnderTest();
        await LoadAsync(test, static c => c.Expiration = 90 * Second, new UnstaleEntryOptions { Expiration = 10 * Second });
        Assert.Equal((90 * Second, 90 * Second), Lives(test));
        await LoadAsync(test, static c => c.Expiration = 5 * Second, new UnstaleEntryOptions { Expiration = 10 * Second });
        Assert.Equal((5 * Second, 5 * Second), Lives(test));
    }

    [Fact]
    public async Task The_freshness_replaces_that_of_the_call()
    {
        await using var test = new CacheUnderTest();
        await LoadAsync(test, static c => c.FreshFor = 3 * Second, new UnstaleEntryOptions { Expiration = 10 * Second });
        Assert.Equal((10 * Second, 3 * Second), Lives(test));
        await LoadAsync(test, static c => c.FreshFor = 30 * Second, new UnstaleEntryOptions { Expiration = 10 * Second, FreshFor = Second });
        Assert.Equal((10 * Second, 10 * Second), Lives(test));
    }

    [Fact]
    public async Task Settings_that_the_load_context_leaves_unset_keep_the_values_of_the_call()
    {
        await using var test = new CacheUnderTest();
        var options = new UnstaleEntryOptions { Expiration = 10 * Second, LocalExpiration = 8 * Second, FreshFor = 4 * Second };
        await LoadAsync(test, static c => c.Expiration = 90 * Second, options);
        Assert.Equal((8 * Second, 4 * Second), Lives(test));
        await LoadAsync(test, static c => c.Expiration = 2 * Second, options);
        Assert.Equal((2 * Second, 2 * Second), Lives(test));
        await LoadAsync(test, static c => c.FreshFor = Second, options);
        Assert.Equal((8 * Second, Second), Lives(test));
    }

    [Fact]
    public async Task A_value_with_a_zero_expiration_set_by_the_load_is_not_stored()
    {
        await using var test = new CacheUnderTest();
        await LoadAsync(test, static c => c.Expiration = TimeSpan.Zero);
        Assert.Null(test.Cache.Inspect("k"));
    }

    [Fact]
    public async Task A_value_marked_DoNotStore_is_returned_to_waiting_callers_and_not_stored()
    {
        await using var test = new CacheUnderTest();
        var source = new Support.GatedSource();
        var stored = new List<bool>();
        Task<string> ReadAsync() => test.Cache.GetOrCreateAsync(
            "k",
            (c, t) => source.ReadAsync(
                () =>
                {
                    stored.Add(c.IsStored);
                    c.DoNotStore();
                    stored.Add(c.IsStored);
                },
                t),
            cancellationToken: Stop).AsTask();
        var first = ReadAsync();
        await source[1].BegunAsync();
        var second = ReadAsync();
        source[1].LetGo();

        Assert.Equal(["old", "old"], await Task.WhenAll(first, second));
        Assert.Equal([true, false], stored);
        Assert.Null(test.Cache.Inspect("k"));
        Assert.Equal(0, test.Cache.GetStatistics().LoadsRefused);
    }

    [Fact]
    public async Task The_load_context_also_sets_tags_and_expiration_of_a_background_refresh()
    {
        await using var test = new CacheUnderTest();
        await LoadAsync(test, static c => c.FreshFor = TimeSpan.Zero);
        await test.Cache.GetOrCreateAsync(
            "k",
            static (c, _) =>
            {
                c.AddTag("late");
                c.Expiration = 7 * Second;
                return new ValueTask<string>("refreshed");
            },
            cancellationToken: Stop);
        await Support.Eventually.Holds("the refresh has ended", () => test.Cache.Inspect("k")?.Tags.Contains("late") == true);
        Assert.Equal(7 * Second, test.Cache.Inspect("k")!.ExpiresIn);
    }

    [Fact]
    public async Task Parallel_branches_of_a_factory_lose_no_tag()
    {
        await using var test = new CacheUnderTest(o => o.MaximumDependencies = 3_000);
        for (var round = 0; round < 20; round++)
        {
            await LoadAsync(test, static c => Parallel.For(0, 400, i => c.AddTag($"t{i}")));
            Assert.Equal(402, test.Cache.Inspect("k")!.Tags.Count);
        }
    }

    [Fact]
    public async Task A_branch_that_outlives_its_factory_is_refused_not_ignored()
    {
        const string Message = "The factory of 'k' has ended, so its LoadContext can no longer be changed. Await all work that uses the LoadContext before the factory returns.";
        await using var test = new CacheUnderTest();
        LoadContext? left = null;
        await LoadAsync(test, c => left = c);
        RefusesChanges();
        using (test.Cache.BypassScope())
            await test.Cache.GetOrCreateAsync("k", (c, _) => new ValueTask<LoadContext>(left = c), cancellationToken: Stop);
        RefusesChanges();
        Assert.True(left!.IsStored);

        void RefusesChanges()
        {
            foreach (var change in new Action[] { () => left!.AddTag("late"), () => left!.DoNotStore(), () => left!.Expiration = Second, () => left!.FreshFor = Second, () => left!.LocalExpiration = Second, () => left!.Flags = null })
                Assert.Equal(Message, Assert.Throws<InvalidOperationException>(change).Message);
        }
    }

    private static (TimeSpan Expires, TimeSpan Fresh) Lives(CacheUnderTest test)
    {
        var info = test.Cache.Inspect("k")!;
        return (info.ExpiresIn, info.FreshIn);
    }

    private static async Task LoadAsync(CacheUnderTest test, Action<LoadContext> say, UnstaleEntryOptions? options = null)
    {
        await test.Cache.RemoveAsync("k", Stop);
        await test.Cache.GetOrCreateAsync(
            "k",
            (c, _) =>
            {
                say(c);
                return new ValueTask<string>("v");
            },
            options,
            ["a", "b"],
            Stop);
    }
}
