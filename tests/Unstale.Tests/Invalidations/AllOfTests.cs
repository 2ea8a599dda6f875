using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Invalidations;

public sealed class AllOfTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string[], string> Taken => new()
    {
        { ["tenant:42", "role:admin"], "both" },
        { ["role:admin", "tenant:42", "role:admin"], "both" },
        { ["*", "role:admin", "tenant:42"], "both" },
        { ["tenant:42"], "both tenant" },
        { ["tenant:42", "tenant:42", "*"], "both tenant" },
        { ["tenant:42", "role:admin", "absent"], "" },
        { ["*"], "both tenant role neither" },
    };

    [Theory]
    [MemberData(nameof(Taken))]
    public async Task An_all_of_selector_invalidates_only_entries_with_all_of_its_tags(string[] allOf, string taken)
    {
        await using var test = new CacheUnderTest();
        await LoadAsync(test.Cache);
        await test.Invalidator.InvalidateAsync(allOf: allOf, reason: "roles", cancellationToken: Stop);
        Assert.Equal(taken, Gone(test.Cache));
    }

    [Fact]
    public async Task An_all_of_selector_and_other_targets_of_a_call_share_one_record()
    {
        await using var test = new CacheUnderTest();
        await LoadAsync(test.Cache);
        var before = await test.Invalidator.InvalidateKeyAsync("other", cancellationToken: Stop);
        var receipt = await test.Invalidator.InvalidateAsync(["neither"], allOf: ["tenant:42", "role:admin"], cancellationToken: Stop);
        Assert.Equal("both neither", Gone(test.Cache));
        Assert.Equal(before.Position.Sequence + 1, receipt.Position.Sequence);
        test.Sweep();
        Assert.Equal(2, await receipt.WaitForReclaimAsync(Stop));
    }

    [Fact]
    public async Task A_value_derived_from_entries_that_together_have_all_tags_is_invalidated()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.GetOrCreateAsync("sum", async token =>
            await test.Cache.GetOrCreateAsync("a", static _ => new ValueTask<int>(1), tags: ["tenant:42"], cancellationToken: token)
            + await test.Cache.GetOrCreateAsync("b", static _ => new ValueTask<int>(1), tags: ["role:admin"], cancellationToken: token), cancellationToken: Stop);
        await test.Invalidator.InvalidateAsync(allOf: ["tenant:42", "role:admin"], cancellationToken: Stop);
        Assert.False(test.Cache.TryGet("sum", out int _));
        Assert.True(test.Cache.TryGet("a", out int _) && test.Cache.TryGet("b", out int _));
    }

    [Fact]
    public async Task A_load_that_began_before_is_not_kept()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.GetOrCreateAsync("k", async _ =>
        {
            await test.Invalidator.InvalidateAsync(allOf: ["tenant:42", "role:admin"], cancellationToken: Stop);
            return 1;
        }, tags: ["tenant:42", "role:admin"], cancellationToken: Stop);
        Assert.False(test.Cache.TryGet("k", out int _));
    }

    [Fact]
    public async Task An_empty_all_of_list_invalidates_nothing_and_is_refused_as_the_only_argument()
    {
        await using var test = new CacheUnderTest();
        await LoadAsync(test.Cache);
        await Assert.ThrowsAsync<ArgumentException>(() => test.Invalidator.InvalidateAsync(allOf: [], cancellationToken: Stop).AsTask());
        await test.Invalidator.InvalidateAsync(keys: ["neither"], allOf: [], cancellationToken: Stop);
        Assert.Equal("neither", Gone(test.Cache));
    }

    [Fact]
    public async Task Empty_tags_and_tags_too_long_in_total_are_refused_in_an_all_of_selector()
    {
        await using var test = new CacheUnderTest();
        await Assert.ThrowsAsync<ArgumentException>(() => test.Invalidator.InvalidateAsync(allOf: ["a", ""], cancellationToken: Stop).AsTask());
        string[] most = [new string('a', 1024), new string('b', 1024)];
        await test.Invalidator.InvalidateAsync(allOf: most, cancellationToken: Stop);
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => test.Invalidator.InvalidateAsync(allOf: [.. most, "c"], cancellationToken: Stop).AsTask());
        Assert.Equal(
            "The 3 tags of the all-of selector have 2049 characters in total; the maximum is 2048. "
            + "Use fewer tags, or give the entries one shorter tag for the combination. (Parameter 'allOf')",
            refused.Message);
    }

    [Fact]
    public void All_of_selectors_over_tags_with_commas_are_distinguished()
    {
        Assert.NotEqual(InvalidationTarget.ForAllOf(["a,b", "c"]), InvalidationTarget.ForAllOf(["a", "b,c"]));
        Assert.Equal(InvalidationTarget.ForAllOf(["b", "a"]), InvalidationTarget.ForAllOf(["a", "b", "a"]));
    }

    private static async Task LoadAsync(UnstaleCache cache)
    {
        await cache.SetAsync("both", 1, tags: ["tenant:42", "role:admin"], cancellationToken: Stop);
        await cache.SetAsync("tenant", 1, tags: ["tenant:42"], cancellationToken: Stop);
        await cache.SetAsync("role", 1, tags: ["role:admin", "tenant:43"], cancellationToken: Stop);
        await cache.SetAsync("neither", 1, cancellationToken: Stop);
    }

    private static string Gone(UnstaleCache cache) =>
        string.Join(' ', ((string[])["both", "tenant", "role", "neither"]).Where(key => !cache.TryGet(key, out int _)));
}
