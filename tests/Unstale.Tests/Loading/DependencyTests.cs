using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>A value depends on the entries read by its factory from caches of the same log.</summary>
public sealed class DependencyTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Means => ["key", "tag", "glob", "regex", "set", "everything"];

    [Theory]
    [MemberData(nameof(Means))]
    public async Task An_invalidation_of_a_value_invalidates_all_values_derived_from_it(string by)
    {
        await using var test = new CacheUnderTest();
        await Load(test, "total", "page");
        await ReadAsync(test, "price", ["catalogue"]);
        await InvalidateAsync(test, by);
        Assert.Equal(by == "set", test.Cache.TryGet("price", out string _));
        Assert.False(test.Cache.TryGet("total", out string _), "it was made from the price");
        Assert.False(test.Cache.TryGet("page", out string _), "it was made from what was made from the price");

        await Load(test, "total", "page");
        Assert.True(test.Cache.TryGet("page", out string _), "made anew, it is kept");
    }

    [Fact]
    public async Task Invalidations_of_other_names_leave_a_value_and_its_dependencies_valid()
    {
        await using var test = new CacheUnderTest();
        await Load(test, "total", "page");
        await test.Invalidator.InvalidateAsync(["prices", "ice", "other"], ["cat"], [new GlobPattern("price:*")], cancellationToken: Stop);
        Assert.All(["price", "total", "page"], key => Assert.True(test.Cache.TryGet(key, out string _)));
        await test.Invalidator.InvalidateKeyAsync("total", cancellationToken: Stop);
        Assert.True(test.Cache.TryGet("price", out string _), "nothing was made into it");
    }

    [Fact]
    public async Task Inspect_lists_the_tags_and_the_dependencies_of_an_entry_separately()
    {
        await using var test = new CacheUnderTest();
        await Load(test, "total", "page");
        var info = test.Cache.Inspect("page")!;
        Assert.Equal(["catalogue", "late", "of page", "of total"], info.Tags.Order(StringComparer.Ordinal));
        Assert.Equal(["price", "total"], info.Dependencies.Order(StringComparer.Ordinal));
        Assert.Empty(test.Cache.Inspect("price")!.Dependencies);
    }

    [Fact]
    public async Task A_GetOrCreateAsync_hit_a_TryGet_and_a_copied_value_are_recorded_as_dependencies()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.SetAsync("hit", "v", tags: ["t"], cancellationToken: Stop);
        await test.Cache.SetAsync("look", "v", cancellationToken: Stop);
        await test.Cache.SetAsync("copy", new List<int> { 1 }, cancellationToken: Stop);
        await test.Cache.GetOrCreateAsync(
            "made",
            async token =>
            {
                await ReadAsync(test, "hit");
                Assert.True(test.Cache.TryGet("look", out string _));
                Assert.True(test.Cache.TryGet("copy", out List<int> _));
                Assert.False(test.Cache.TryGet("nothing", out string _));
                return "v";
            },
            cancellationToken: Stop);
        Assert.Equal(["copy", "hit", "look"], DependenciesOf(test, "made"));
        Assert.Equal(["t"], test.Cache.Inspect("made")!.Tags);
    }

    [Fact]
    public async Task A_stale_value_is_recorded_as_a_dependency()
    {
        await using var test = new CacheUnderTest();
        await ReadAsync(test, "b", ["t"], new UnstaleEntryOptions { FreshFor = TimeSpan.Zero });
        await MakeAsync(test, "a", "b");
        Assert.Equal(["b"], DependenciesOf(test, "a"));
        Assert.Equal(["t"], test.Cache.Inspect("a")!.Tags);
    }

    [Fact]
    public async Task A_background_refresh_records_the_dependencies_anew()
    {
        await using var test = new CacheUnderTest();
        var reads = "b1";
        ValueTask<string> Make(CancellationToken token) => ReadAsync(test, reads);
        var options = new UnstaleEntryOptions { FreshFor = TimeSpan.FromSeconds(1) };
        await test.Cache.GetOrCreateAsync("a", Make, options, cancellationToken: Stop);
        reads = "b2";
        test.Clock.Advance(TimeSpan.FromSeconds(2));
        await test.Cache.GetOrCreateAsync("a", Make, options, cancellationToken: Stop);
        await Eventually.Holds("the refresh was kept", () => DependenciesOf(test, "a") is ["b2"]);
    }

    [Fact]
    public async Task A_value_whose_factory_joins_a_load_depends_on_the_loaded_entry()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        var first = test.Cache.GetOrCreateAsync("b", source.ReadAsync, tags: ["t"], cancellationToken: Stop).AsTask();
        await source[1].BegunAsync();
        var made = test.Cache.GetOrCreateAsync("a", async token => await test.Cache.GetOrCreateAsync("b", source.ReadAsync, tags: ["t"], cancellationToken: token), cancellationToken: Stop).AsTask();
        await Eventually.Holds("the second joins", () => test.Cache.GetStatistics().Joins == 1);
        source[1].LetGo();
        await Task.WhenAll(first, made);
        Assert.Equal(["b"], DependenciesOf(test, "a"));
        Assert.Equal(["t"], test.Cache.Inspect("a")!.Tags);
    }

    [Fact]
    public async Task A_load_with_DoNotStore_is_recorded_as_a_dependency()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.GetOrCreateAsync(
            "a",
            async token => await test.Cache.GetOrCreateAsync(
                "b",
                async (context, _) =>
                {
                    context.AddTag("late");
                    context.DoNotStore();
                    return await ReadAsync(test, "c", ["t"]);
                },
                cancellationToken: token),
            cancellationToken: Stop);
        Assert.Null(test.Cache.Inspect("b"));
        Assert.Equal(["b", "c"], DependenciesOf(test, "a"));
        Assert.Equal(["late", "t"], test.Cache.Inspect("a")!.Tags.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_failed_load_is_recorded_as_a_dependency()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.GetOrCreateAsync(
            "a",
            async token =>
            {
                await Assert.ThrowsAsync<InvalidOperationException>(() => test.Cache.GetOrCreateAsync(
                    "b",
                    async t =>
                    {
                        await ReadAsync(test, "c");
                        return 1 > 0 ? throw new InvalidOperationException("not found") : "v";
                    },
                    tags: ["t"],
                    cancellationToken: token).AsTask());
                return "without b";
            },
            cancellationToken: Stop);
        Assert.Equal(["b", "c"], DependenciesOf(test, "a"));
        Assert.Equal(["t"], test.Cache.Inspect("a")!.Tags);
    }

    [Fact]
    public async Task Reads_in_a_bypass_scope_or_a_transaction_are_recorded_as_dependencies()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.GetOrCreateAsync(
            "a",
            async token =>
            {
                using (test.Cache.BypassScope())
                    await MakeAsync(test, "bypassed", "c");
                using (new System.Transactions.TransactionScope(System.Transactions.TransactionScopeAsyncFlowOption.Enabled))
                    await ReadAsync(test, "alone", ["t"]);
                return "v";
            },
            cancellationToken: Stop);
        Assert.Equal(["alone", "bypassed", "c"], DependenciesOf(test, "a"));
        Assert.Equal(["t"], test.Cache.Inspect("a")!.Tags);
    }

    [Fact]
    public async Task Reads_side_by_side_are_all_recorded()
    {
        await using var test = new CacheUnderTest();
        string[] keys = [.. Enumerable.Range(0, 100).Select(i => $"b{i:00}")];
        await test.Cache.GetOrCreateAsync(
            "a",
            async token =>
            {
                await Parallel.ForEachAsync(keys, token, async (key, _) => await ReadAsync(test, key, [$"of {key}"]));
                return "v";
            },
            cancellationToken: Stop);
        Assert.Equal(keys, DependenciesOf(test, "a"));
        Assert.Equal(keys.Select(key => $"of {key}"), test.Cache.Inspect("a")!.Tags.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_task_that_outlives_its_factory_records_no_dependency()
    {
        await using var test = new CacheUnderTest();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task left = Task.CompletedTask;
        await test.Cache.GetOrCreateAsync(
            "outer",
            async token => await test.Cache.GetOrCreateAsync(
                "a",
                _ =>
                {
                    left = ReadLater();
                    return new ValueTask<string>("v");
                },
                cancellationToken: token),
            cancellationToken: Stop);
        gate.SetResult();
        await left;
        Assert.True(test.Cache.TryGet("b", out string _));
        Assert.Empty(DependenciesOf(test, "a"));
        Assert.Equal(["a"], DependenciesOf(test, "outer"));

        async Task ReadLater()
        {
            await gate.Task;
            await ReadAsync(test, "b");
        }
    }

    [Fact]
    public async Task A_value_is_not_stored_if_a_dependency_is_invalidated_before_its_load_ends()
    {
        await using var test = new CacheUnderTest();
        await ReadAsync(test, "b", ["t"]);
        await MakeAsync(test, "a", "b", async () => await test.Cache.RemoveAsync("b", Stop));
        Assert.Null(test.Cache.Inspect("a"));
        await MakeAsync(test, "a", "b", async () => await test.Invalidator.InvalidatePatternAsync(new GlobPattern("b*"), cancellationToken: Stop));
        Assert.Null(test.Cache.Inspect("a"));
        await MakeAsync(test, "a", "b");
        Assert.NotNull(test.Cache.Inspect("a"));
    }

    [Fact]
    public async Task A_caller_that_joined_after_a_dependency_was_invalidated_gets_a_new_load()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        async ValueTask<string> Make(CancellationToken token) => await ReadAsync(test, "b") + await source.ReadAsync(token);
        var early = test.Cache.GetOrCreateAsync("a", Make, cancellationToken: Stop).AsTask();
        await source[1].BegunAsync();
        await test.Cache.RemoveAsync("b", Stop);
        source.Value = "new";
        var late = test.Cache.GetOrCreateAsync("a", Make, cancellationToken: Stop).AsTask();
        await Eventually.Holds("the second joins", () => test.Cache.GetStatistics().Joins == 1);
        source[1].LetGo();
        source[2].LetGo();
        Assert.Equal(["vold", "vnew"], await Task.WhenAll(early, late));
    }

    [Fact]
    public async Task A_set_value_is_stored_although_its_key_was_once_part_of_a_dependency_cycle()
    {
        await using var test = new CacheUnderTest();
        await MakeAsync(test, "a", "b");
        await MakeAsync(test, "b", "a", async () => await test.Cache.RemoveAsync("nobody", Stop)); // a hit: b does not depend on anything yet
        await test.Cache.RemoveAsync("b", Stop);
        await test.Cache.SetAsync("a", "v", cancellationToken: Stop);
        await MakeAsync(test, "b", "a");
        await test.Cache.SetAsync("b", "set", cancellationToken: Stop);
        Assert.True(test.Cache.TryGet("b", out string value) && value == "set");
    }

    [Fact]
    public async Task A_value_loaded_from_its_own_older_version_does_not_depend_on_itself()
    {
        await using var test = new CacheUnderTest();
        await MakeAsync(test, "b", "a");
        test.Cache.TryGet("b", out string _);
        await test.Cache.GetOrCreateAsync(
            "a", async token => await ReadAsync(test, "b"), new UnstaleEntryOptions { Flags = Microsoft.Extensions.Caching.Hybrid.HybridCacheEntryFlags.DisableLocalCacheRead }, cancellationToken: Stop);
        Assert.Equal(["b"], DependenciesOf(test, "a"));
    }

    [Fact]
    public async Task Removed_dependents_are_counted_for_their_invalidation()
    {
        await using var test = new CacheUnderTest();
        await Load(test, "total", "page");
        var receipt = await test.Invalidator.InvalidateKeyAsync("price", cancellationToken: Stop);
        Assert.Equal(1, receipt.LocalEntriesRemoved);
        test.Sweep();
        Assert.Equal(3, await Eventually.Ends("the sweep", receipt.WaitForReclaimAsync(Stop).AsTask(), test.Sweep));
        Assert.Equal(0, test.Cache.GetStatistics().Entries);
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, false)]
    public async Task No_dependencies_are_recorded_when_the_options_disable_recording(bool cache, bool? entry)
    {
        await using var test = new CacheUnderTest(o => o.RecordDependencies = cache);
        await test.Cache.GetOrCreateAsync("a", async token => await ReadAsync(test, "b"), new UnstaleEntryOptions { RecordDependencies = entry }, cancellationToken: Stop);
        Assert.Empty(DependenciesOf(test, "a"));
    }

    [Theory]
    [InlineData("call")]
    [InlineData("type")]
    [InlineData("prefix")]
    public async Task An_entry_can_record_dependencies_although_its_cache_does_not(string where)
    {
        var records = new UnstaleEntryOptions { RecordDependencies = true };
        await using var test = new CacheUnderTest(o =>
        {
            o.RecordDependencies = false;
            if (where == "type")
                o.DataTypes["a"] = records;
            if (where == "prefix")
                o.KeyPrefixes["a"] = records;
        });
        await test.Cache.GetOrCreateAsync("a", async token => await ReadAsync(test, "b"), where == "call" ? records : null, cancellationToken: Stop);
        Assert.Equal(["b"], DependenciesOf(test, "a"));
    }

    private static string[] DependenciesOf(CacheUnderTest test, string key) =>
        [.. test.Cache.Inspect(key)?.Dependencies.Order(StringComparer.Ordinal) ?? Enumerable.Empty<string>()];

    private static ValueTask<string> ReadAsync(CacheUnderTest test, string key, string[]? tags = null, UnstaleEntryOptions? options = null) =>
        test.Cache.GetOrCreateAsync(key, static _ => new ValueTask<string>("v"), options, tags, Stop);

    private static ValueTask<string> MakeAsync(CacheUnderTest test, string key, string from, Func<Task>? after = null) => test.Cache.GetOrCreateAsync(
        key,
        async _ =>
        {
            var value = await ReadAsync(test, from);
            if (after is not null)
                await after();
            return value;
        },
        cancellationToken: Stop);

    /// <summary>Creates a page derived from a total derived from a price.</summary>
    private static ValueTask<string> Load(CacheUnderTest test, string total, string page) => test.Cache.GetOrCreateAsync(
        page,
        async _ => await test.Cache.GetOrCreateAsync(
            total,
            async (context, _) =>
            {
                context.AddTag("late");
                return await ReadAsync(test, "price", ["catalogue"]);
            },
            tags: ["of total"],
            cancellationToken: Stop),
        tags: ["of page"],
        cancellationToken: Stop);

    private static async Task InvalidateAsync(CacheUnderTest test, string by)
    {
        if (by == "set")
            await test.Cache.SetAsync("price", "v", cancellationToken: Stop);
        else if (by == "everything")
            await test.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop);
        else if (by is "glob" or "regex")
            await test.Invalidator.InvalidatePatternAsync(by == "glob" ? new GlobPattern("pri*") : new RegexPattern("^price$"), cancellationToken: Stop);
        else
            await test.Invalidator.InvalidateAsync(by == "key" ? ["price"] : [], by == "tag" ? ["catalogue"] : [], cancellationToken: Stop);
    }
}
