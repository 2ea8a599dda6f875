using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>Callers that join a load before and after an invalidation of the value.</summary>
public sealed class LateJoinerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Taints => [.. Taint.All.Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Taints))]
    public async Task Callers_before_an_invalidation_get_the_loaded_value_and_callers_after_it_share_a_new_load(string how)
    {
        var taint = Taint.Named(how);
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        var early = new List<Task<string>> { taint.ReadAsync(test.Cache, source, token: Stop) };
        await source[1].BegunAsync();
        for (var i = 0; i < 4; i++)
            early.Add(taint.ReadAsync(test.Cache, source, token: Stop));

        source.Value = "new";
        await taint.RaiseAsync(test.Cache, Stop);
        var late = Enumerable.Range(0, 5).Select(_ => taint.ReadAsync(test.Cache, source, token: Stop)).ToList();
        source[1].LetGo();
        Assert.All(await Eventually.Ends("the early callers get their value", Task.WhenAll(early)), v => Assert.Equal("old", v));
        await source[2].BegunAsync();
        source[2].LetGo();

        Assert.All(await Eventually.Ends("the late callers get their value", Task.WhenAll(late)), v => Assert.Equal("new", v));
        Assert.Equal(2, source.Reads);
    }

    [Fact]
    public async Task Only_callers_that_joined_before_the_first_invalidation_get_the_value()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        Task<string> ReadAsync() => test.Cache.GetOrCreateAsync(
            "k", (context, stop) => source.ReadAsync(() => context.AddTag("t"), stop), cancellationToken: Stop).AsTask();
        var first = ReadAsync();
        await source[1].BegunAsync();
        var beforeBoth = ReadAsync();
        source.Value = "between";
        await test.Cache.RemoveByTagAsync("t", Stop);
        var between = ReadAsync();
        source.Value = "new";
        await test.Cache.RemoveByTagAsync("t", Stop);
        var afterBoth = ReadAsync();
        Assert.Equal(1, source.Reads);
        source[1].LetGo();
        source[2].LetGo();

        Assert.Equal("old", await Eventually.Ends("the starter gets its value", first));
        Assert.Equal("old", await Eventually.Ends("who joined before both gets the value", beforeBoth));
        Assert.Equal("new", await Eventually.Ends("who joined between starts again", between));
        Assert.Equal("new", await Eventually.Ends("who joined after both starts again", afterBoth));
        Assert.Equal(2, source.Reads);
    }

    [Fact]
    public async Task An_unrelated_invalidation_does_not_separate_the_callers_of_a_load()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        var first = test.Cache.GetOrCreateAsync("k", source.ReadAsync, cancellationToken: Stop).AsTask();
        await source[1].BegunAsync();
        await test.Cache.RemoveByTagAsync("other", Stop);
        var second = test.Cache.GetOrCreateAsync("k", source.ReadAsync, cancellationToken: Stop).AsTask();
        source[1].LetGo();

        Assert.Equal(["old", "old"], await Task.WhenAll(first, second));
        Assert.Equal(1, source.Reads);
    }

    [Fact]
    public async Task Past_the_limit_of_recent_invalidations_only_callers_from_before_all_of_them_get_the_value()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        Task<string> ReadAsync() => test.Cache.GetOrCreateAsync("k", source.ReadAsync, cancellationToken: Stop).AsTask();
        var first = ReadAsync();
        await source[1].BegunAsync();
        var together = ReadAsync();
        await test.Cache.RemoveAsync("other", Stop);
        var late = ReadAsync();
        for (var i = 0; i < 1_024; i++)
            await test.Cache.RemoveAsync("other", Stop);
        Assert.Equal(1, source.Reads);
        source[1].LetGo();

        Assert.Equal("old", await Eventually.Ends("the starter gets its value", first));
        Assert.Equal("old", await Eventually.Ends("who joined before any mark gets the value", together));

        // No invalidation concerns the value, so the second attempt finds the stored one.
        Assert.Equal("old", await Eventually.Ends("who joined later starts again", late));
        Assert.Equal(1, source.Reads);
    }

    [Fact]
    public async Task Even_past_the_limit_of_recent_invalidations_no_late_caller_gets_an_invalid_value()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        Task<string> ReadAsync() => test.Cache.GetOrCreateAsync(
            "k", (context, stop) => source.ReadAsync(() => context.AddTag("t"), stop), cancellationToken: Stop).AsTask();
        var first = ReadAsync();
        await source[1].BegunAsync();
        source.Value = "new";
        await test.Cache.RemoveByTagAsync("t", Stop);
        var late = ReadAsync();
        for (var i = 0; i < 1_024; i++)
            await test.Cache.RemoveAsync("other", Stop);
        Assert.Equal(1, source.Reads);
        source[1].LetGo();
        source[2].LetGo();

        Assert.Equal("old", await Eventually.Ends("the starter gets its value", first));
        Assert.Equal("new", await Eventually.Ends("who joined after the mark starts again", late));
        Assert.Equal(2, source.Reads);
    }

    [Fact]
    public async Task A_call_whose_own_tag_was_invalidated_does_not_join_a_load_that_began_before()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        var first = test.Cache.GetOrCreateAsync("k", source.ReadAsync, cancellationToken: Stop).AsTask();
        await source[1].BegunAsync();
        source.Value = "new";
        await test.Cache.RemoveByTagAsync("t", Stop);
        var second = test.Cache.GetOrCreateAsync("k", source.ReadAsync, tags: ["t"], cancellationToken: Stop).AsTask();
        await source[2].BegunAsync();
        source[2].LetGo();

        Assert.Equal("new", await second);
        source[1].LetGo();
        Assert.Equal("old", await first);
    }

    [Fact]
    public async Task A_late_caller_is_cancelled_by_its_own_token_while_it_loads_again()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        using var leave = new CancellationTokenSource();
        Task<string> ReadAsync(CancellationToken token) => test.Cache.GetOrCreateAsync(
            "k", (context, stop) => source.ReadAsync(() => context.AddTag("t"), stop), cancellationToken: token).AsTask();
        var first = ReadAsync(Stop);
        await source[1].BegunAsync();
        await test.Cache.RemoveByTagAsync("t", Stop);
        var late = ReadAsync(leave.Token);
        source[1].LetGo();
        await source[2].BegunAsync();
        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => late);
        Assert.True(source[2].Token.IsCancellationRequested);
        Assert.Equal("old", await first);
    }
}
