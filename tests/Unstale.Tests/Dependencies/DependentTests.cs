using Microsoft.Extensions.DependencyInjection;
using Unstale.Rules;
using Unstale.Tests.Rules;
using Xunit;

namespace Unstale.Tests.Dependencies;

/// <summary>Declared dependents are invalidated by every call that invalidates their source.</summary>
public sealed class DependentTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Calls => [.. All.Keys];

    private static Dictionary<string, Func<AppliedRules, Task>> All { get; } = new(StringComparer.Ordinal)
    {
        ["key"] = static async test => await test.Invalidator.InvalidateKeyAsync("base", cancellationToken: Stop),
        ["keys"] = static async test => await test.Invalidator.InvalidateAsync(["other", "base"], cancellationToken: Stop),
        ["tag of that name"] = static async test => await test.Invalidator.InvalidateTagAsync("base", cancellationToken: Stop),
        ["tag that it carries"] = static async test => await test.Invalidator.InvalidateTagAsync("carried", cancellationToken: Stop),
        ["glob"] = static async test => await test.Invalidator.InvalidatePatternAsync(new GlobPattern("b?se"), cancellationToken: Stop),
        ["regex"] = static async test => await test.Invalidator.InvalidatePatternAsync(new RegexPattern("b.se"), cancellationToken: Stop),
        ["everything"] = static async test => await test.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop),
        ["with dependents"] = static async test => await test.Invalidator.InvalidateWithDependentsAsync("base", cancellationToken: Stop),
        ["change"] = static async test => await test.Invalidator.ChangedAsync("base", null, cancellationToken: Stop),
        ["remove"] = static async test => await test.Cache.RemoveAsync("base", Stop),
        ["remove several"] = static async test => await test.Cache.RemoveAsync(["base", "other"], Stop),
        ["remove by tag"] = static async test => await test.Cache.RemoveByTagAsync("carried", Stop),
        ["remove by tags"] = static async test => await test.Cache.RemoveByTagAsync(["carried", "other"], Stop),
        ["set"] = static async test => await test.Cache.SetAsync("base", "2", cancellationToken: Stop),
        ["lazy rule"] = static async test => await test.Invalidator.ChangedAsync("lazy", null, cancellationToken: Stop),
        ["rule with one more serve"] = static async test => await test.Invalidator.ChangedAsync("once", null, cancellationToken: Stop),
        ["batched rule"] = static async test =>
        {
            await test.Invalidator.ChangedAsync("batched", null, cancellationToken: Stop);
            test.Advance(100);
        },
        ["scheduled"] = static test =>
        {
            test.Invalidator.InvalidateLater(["base"]);
            test.Advance(100);
            return Task.CompletedTask;
        },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Every_invalidating_call_also_invalidates_the_dependents_of_its_targets(string call)
    {
        await using var test = Chain();
        await CacheAsync(test);
        await All[call](test);
        Assert.Equal(["sum", "report"], test.Gone("sum", "report"));
        Assert.Equal(call == "everything", !test.Holds("apart"));
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Dependents_are_invalidated_even_if_their_source_is_no_longer_cached(string call)
    {
        await using var test = Chain(o => o.DataTypes["base"] = new UnstaleEntryOptions { Expiration = TimeSpan.FromSeconds(1) });
        await CacheAsync(test);
        test.Advance(40_000);
        Assert.Null(test.Cache.Inspect("base"));
        Assert.Empty(test.Gone("sum", "report"));
        await All[call](test);
        Assert.Equal(["sum", "report"], test.Gone("sum", "report"));
    }

    [Fact]
    public async Task A_product_write_removes_a_calculation_that_depends_on_its_price()
    {
        await using var test = new AppliedRules(
            static rules => rules.AddDependency("calculation:123", "pricing:123"), services: static s => s.AddUnstale().AddDefaultRules());
        string[] keys = ["pricing:123", "calculation:123"];
        foreach (var key in keys)
            await test.Cache.SetAsync(key, "1", cancellationToken: Stop);
        await test.Invalidator.InvalidateTagAsync("product:999", cancellationToken: Stop);
        Assert.Empty(test.Gone(keys));
        await test.Invalidator.ChangedAsync("product", 123, cancellationToken: Stop);
        Assert.Contains("calculation:123", test.Gone(keys));
        Assert.EndsWith("|product -> pricing -> pricing:123 -> calculation:123", test.Via[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cascade_removes_the_key_that_a_rule_names_and_all_that_depends_on_it()
    {
        await using var test = new AppliedRules(static rules => rules.When("product").InvalidateKeys("pricing:{id}")
            .DependsOn("calculation:{id}", "pricing:{id}").Strategy(InvalidationStrategy.Cascade));
        string[] keys = ["pricing:123", "calculation:123", "calculation:124"];
        foreach (var key in keys)
            await test.Cache.SetAsync(key, "1", cancellationToken: Stop);
        await test.Cache.RemoveAsync("pricing:123", Stop);
        await test.Invalidator.ChangedAsync("product", 123, cancellationToken: Stop);
        Assert.Equal(keys[..2], test.Gone(keys));
    }

    [Fact]
    public async Task Direct_dependents_can_be_invalidated_without_indirect_ones()
    {
        await using var test = new AppliedRules();
        test.Cache.Rules.AddDependency("b", "a");
        test.Cache.Rules.AddDependency("c", "b");
        await test.Invalidator.InvalidateWithDependentsAsync("a", recursive: false, "why", Stop);
        await test.Invalidator.InvalidateWithDependentsAsync("a", cancellationToken: Stop);
        await test.Invalidator.InvalidateWithDependentsAsync("c", cancellationToken: Stop);
        Assert.Equal(["[DirectDependents] Key a Key b", "Key a Key b Key c", "Key c"], test.Records);
        Assert.Equal(["1||\n1||a -> b", "1||\n1||a -> b\n1||a -> b -> c", ""], test.Via);
        Assert.Equal("why", test.Reasons[0]);
        Assert.True(test.Cache.Rules.RemoveDependency("b"));
        await test.Invalidator.InvalidateKeyAsync("a", cancellationToken: Stop);
        Assert.Equal("Key a", test.Records[^1]);
    }

    /// <summary>Orders of the two declarations: before the loads, after, or with a load between.</summary>
    public static TheoryData<string> Orders => ["b c load", "c b load", "load b c", "load c b", "b load c", "c load b", "b load c load", "c load b load"];

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Direct_dependents_are_the_same_in_every_order_of_declarations_and_loads(string order)
    {
        await using var test = new AppliedRules();
        foreach (var step in order.Split(' '))
        {
            if (step == "b")
                test.Cache.Rules.AddDependency("b", "a");
            else if (step == "c")
                test.Cache.Rules.AddDependency("c", "b");
            else
                await LoadAsync(test);
        }

        await test.Invalidator.InvalidateWithDependentsAsync("a", recursive: false, cancellationToken: Stop);
        Assert.Equal(["a", "b"], test.Gone("a", "b", "c"));
        Assert.Equal("[DirectDependents] Key a Key b", test.Records[^1]);
        await LoadAsync(test);
        await test.Invalidator.InvalidateWithDependentsAsync("a", cancellationToken: Stop);
        Assert.Equal(["a", "b", "c"], test.Gone("a", "b", "c"));
        await LoadAsync(test);
        await test.Invalidator.InvalidateKeyAsync("a", cancellationToken: Stop);
        Assert.Equal(["a", "b", "c"], test.Gone("a", "b", "c"));
    }

    [Fact]
    public async Task Values_derived_from_an_entry_are_invalidated_with_its_direct_dependents()
    {
        await using var test = new AppliedRules();
        test.Cache.Rules.AddDependency("b", "a");
        test.Cache.Rules.AddDependency("c", "b");
        await LoadAsync(test);
        foreach (var (made, from) in new[] { ("of a", "a"), ("of b", "b"), ("of c", "c") })
        {
            await test.Cache.GetOrCreateAsync(
                made, async token => await test.Cache.GetOrCreateAsync(from, static _ => new ValueTask<string>("v"), cancellationToken: token), cancellationToken: Stop);
        }

        await test.Invalidator.InvalidateWithDependentsAsync("a", recursive: false, cancellationToken: Stop);
        Assert.Equal(["a", "b", "of a", "of b"], test.Gone("a", "b", "c", "of a", "of b", "of c"));
    }

    [Fact]
    public async Task A_value_derived_from_a_key_that_begins_with_a_null_character_is_invalidated_with_the_key()
    {
        await using var test = new AppliedRules();
        await test.Cache.GetOrCreateAsync(
            "made", async token => await test.Cache.GetOrCreateAsync("\0a", static _ => new ValueTask<string>("v"), cancellationToken: token), cancellationToken: Stop);
        await test.Cache.RemoveAsync("\0a", Stop);
        Assert.Equal(["made"], test.Gone("made"));
    }

    private static async Task LoadAsync(AppliedRules test)
    {
        foreach (var key in new[] { "a", "b", "c" })
            await test.Cache.GetOrCreateAsync(key, static _ => new ValueTask<string>("v"), cancellationToken: Stop);
    }

    [Fact]
    public async Task A_set_key_is_stored_although_it_depends_on_itself_through_another_key()
    {
        await using var test = new AppliedRules();
        test.Cache.Rules.AddDependency("b", "a");
        test.Cache.Rules.AddDependency("a", "b");
        await test.Cache.SetAsync("b", "1", cancellationToken: Stop);
        await test.Cache.SetAsync("a", "1", cancellationToken: Stop);
        Assert.True(test.Holds("a"));
        Assert.False(test.Holds("b"));
        Assert.Equal(["Key a", "Key b", "Key b", "Key a"], test.Records);
    }

    [Fact]
    public async Task Inspect_lists_the_declared_dependencies_of_an_entry()
    {
        await using var test = Chain();
        await CacheAsync(test);
        var info = test.Cache.Inspect("report")!;
        Assert.Equal(["base", "sum"], info.Dependencies.Order(StringComparer.Ordinal));
        Assert.DoesNotContain(info.Tags, tag => tag[0] == '\0');
    }

    private static AppliedRules Chain(Action<UnstaleOptions>? configure = null) => new(
        static rules =>
        {
            rules.AddDependency("sum", "base").AddDependency("report", "sum");
            rules.When("lazy").InvalidateKeys("base").Strategy(InvalidationStrategy.Lazy);
            rules.When("once").Invalidate("carried").Strategy(InvalidationStrategy.Lazy).ServeStaleOnce();
            rules.When("batched").Invalidate("carried").Strategy(InvalidationStrategy.Batched);
        },
        configure);

    private static async Task CacheAsync(AppliedRules test)
    {
        await test.Cache.SetAsync("base", "1", tags: ["carried"], cancellationToken: Stop);
        await test.LoadAsync("sum", "report", "apart");
        Assert.Empty(test.Gone("base", "sum", "report", "apart"));
    }
}
