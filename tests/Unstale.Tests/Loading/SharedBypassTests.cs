using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>Concurrent reads that bypass the cache.</summary>
public sealed class SharedBypassTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reads_that_wait_while_a_load_runs_share_the_next_one()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        var first = ReadAsync(test, source);
        await source[1].BegunAsync();
        source.Value = "written since";
        var later = Enumerable.Range(0, 300).Select(_ => ReadAsync(test, source)).ToArray();
        await Eventually.Holds("all but one of them wait for another's load", () => test.Cache.GetStatistics().Joins == 299);
        Assert.Equal(1, source.Reads);
        source[1].LetGo();
        await source[2].BegunAsync();
        source[2].LetGo();
        Assert.Equal("old", await first);
        Assert.All(await Task.WhenAll(later), value => Assert.Equal("written since", value));
        Assert.Equal(2, source.Reads);
        Assert.Null(test.Cache.Inspect("k"));
    }

    [Fact]
    public async Task A_load_that_hangs_holds_up_the_next_one_for_a_second_at_most()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        var first = ReadAsync(test, source);
        await source[1].BegunAsync();
        var second = ReadAsync(test, source);
        await Eventually.Holds("the second load begins", () => source.Reads == 2, () => test.Clock.Advance(TimeSpan.FromMilliseconds(100)));
        source[2].LetGo();
        await Eventually.Ends("the second read ends", second);
        Assert.False(first.IsCompleted);
        source[1].LetGo();
        await first;
    }

    [Fact]
    public async Task A_read_waits_for_the_loads_of_others_for_no_longer_than_its_limit()
    {
        await using var test = new CacheUnderTest(static o => o.WaitTimeout = TimeSpan.FromSeconds(3));
        var source = new GatedSource();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var first = ReadAsync(test, source);
        await source[1].BegunAsync();
        var second = ReadAsync(test, source, stop.Token);
        var third = ReadAsync(test, source);
        await Eventually.Holds("the third waits for the second's load", () => test.Cache.GetStatistics().Joins == 1);
        source[1].LetGo();
        await source[2].BegunAsync();
        test.Clock.Advance(TimeSpan.FromSeconds(2));
        var fourth = ReadAsync(test, source);
        var fifth = ReadAsync(test, source);
        await Eventually.Holds("the fifth waits for the fourth's load", () => test.Cache.GetStatistics().Joins == 2);
        test.Clock.Advance(TimeSpan.FromSeconds(1));
        var passed = await Assert.ThrowsAsync<LoadTimeoutException>(() => Eventually.Ends("the third gives up", third));
        Assert.Equal("Cache 'default': another caller's load of 'k' did not end within WaitTimeout (00:00:03). Check why the source is slow, or raise the limit.", passed.Message);
        Assert.False(fifth.IsCompleted);
        await source[3].BegunAsync();
        source[2].LetGo();
        source[3].LetGo();
        await Task.WhenAll(first, second, fourth, fifth);
    }

    [Fact]
    public async Task The_waits_of_one_read_share_one_limit()
    {
        await using var test = new CacheUnderTest(static o => o.WaitTimeout = TimeSpan.FromSeconds(3));
        var source = new GatedSource();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var first = ReadAsync(test, source);
        await source[1].BegunAsync();
        var second = ReadAsync(test, source, stop.Token);
        Task<string>[] later = [ReadAsync(test, source), ReadAsync(test, source), ReadAsync(test, source)];
        await Eventually.Holds("three wait for the second's load", () => test.Cache.GetStatistics().Joins == 3);
        source[1].LetGo();
        await source[2].BegunAsync();
        test.Clock.Advance(TimeSpan.FromSeconds(2));
        await stop.CancelAsync();
        await source[3].BegunAsync();
        await Eventually.Holds("of the three that begin anew one waits for another's load", () => test.Cache.GetStatistics().Joins == 4);
        test.Clock.Advance(TimeSpan.FromSeconds(1));
        var gaveUp = await Eventually.Ends("one gives up", Task.WhenAny(later));
        await Assert.ThrowsAsync<LoadTimeoutException>(() => gaveUp);
        await source[4].BegunAsync();
        source[3].LetGo();
        source[4].LetGo();
        await Task.WhenAll(later.Where(read => read != gaveUp));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        await first;
    }

    [Fact]
    public async Task A_read_with_a_short_limit_waits_no_longer_for_the_load_before_its_own()
    {
        await using var test = new CacheUnderTest(static o => o.WaitTimeout = TimeSpan.FromMilliseconds(200));
        var source = new GatedSource();
        var first = ReadAsync(test, source);
        await source[1].BegunAsync();
        var second = ReadAsync(test, source);
        test.Clock.Advance(TimeSpan.FromMilliseconds(200));
        await source[2].BegunAsync();
        source[2].LetGo();
        source[1].LetGo();
        await Task.WhenAll(first, second);
    }

    [Fact]
    public async Task The_other_callers_of_a_cancelled_shared_bypass_load_get_a_new_load()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var first = ReadAsync(test, source);
        await source[1].BegunAsync();
        var second = ReadAsync(test, source, stop.Token);
        var third = ReadAsync(test, source);
        await Eventually.Holds("the third waits for the second's load", () => test.Cache.GetStatistics().Joins == 1);
        source[1].LetGo();
        await source[2].BegunAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        await source[3].BegunAsync();
        source[3].LetGo();
        await Task.WhenAll(first, third);
    }

    [Fact]
    public async Task A_failed_shared_load_throws_to_every_caller_of_the_load()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        var first = ReadAsync(test, source);
        await source[1].BegunAsync();
        Task<string>[] later = [ReadAsync(test, source), ReadAsync(test, source)];
        source[1].LetGo();
        await source[2].BegunAsync();
        source[2].Fail(new InvalidDataException("away"));
        await first;
        foreach (var read in later)
            await Assert.ThrowsAsync<InvalidDataException>(() => read);
    }

    [Fact]
    public async Task Each_caller_of_a_shared_bypass_load_gets_a_copy_of_a_mutable_value()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        async Task<List<string>> ListAsync()
        {
            using var scope = test.Cache.BypassScope();
            return await test.Cache.GetOrCreateAsync("k", async t => new List<string> { await source.ReadAsync(t) }, cancellationToken: Stop);
        }

        var first = ListAsync();
        await source[1].BegunAsync();
        Task<List<string>>[] later = [ListAsync(), ListAsync(), ListAsync()];
        source[1].LetGo();
        await source[2].BegunAsync();
        source[2].LetGo();
        await first;
        var lists = await Task.WhenAll(later);
        lists[0].Add("changed");
        Assert.All(lists[1..], list => Assert.Equal(["old"], list));
        Assert.NotSame(lists[1], lists[2]);
    }

    [Fact]
    public async Task A_value_that_cannot_be_copied_is_loaded_by_each()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        async Task<Func<string>> FunctionAsync()
        {
            using var scope = test.Cache.BypassScope();
            return await test.Cache.GetOrCreateAsync<Func<string>>("k", async t => (await source.ReadAsync(t)).ToString, cancellationToken: Stop);
        }

        var first = FunctionAsync();
        await source[1].BegunAsync();
        Task<Func<string>>[] later = [FunctionAsync(), FunctionAsync()];
        for (var i = 1; i <= 3; i++)
        {
            await source[i].BegunAsync();
            source[i].LetGo();
        }

        await Task.WhenAll(later.Append(first));
        Assert.All(later, function => Assert.Equal("old", function.Result()));
    }

    [Fact]
    public async Task Loads_in_a_bypass_scope_are_limited_and_nested_loads_reuse_the_slot_of_their_caller()
    {
        await using var test = new CacheUnderTest(o => (o.MaximumUntrustedLoads, o.UntrustedLoadsWaiting) = (2, 1));
        var source = new GatedSource();
        using var scope = test.Cache.BypassScope();
        Task<string> OuterAsync(string key) => test.Cache.GetOrCreateAsync(
            key, async t => await test.Cache.GetOrCreateAsync($"inside {key}", source.ReadAsync, cancellationToken: t), cancellationToken: Stop).AsTask();
        Task<string>[] running = [OuterAsync("a"), OuterAsync("b")];
        await source[2].BegunAsync();
        var waiting = OuterAsync("c");
        var refused = await Assert.ThrowsAsync<LoadRejectedException>(() => OuterAsync("d"));
        Assert.Equal(
            "Cache 'default' is bypassed and reads from the source: 2 loads are running (MaximumUntrustedLoads) and 1 are waiting (UntrustedLoadsWaiting). Try again later, or raise the options.",
            refused.Message);
        Assert.Equal(2, source.Reads);
        source[1].LetGo();
        await source[3].BegunAsync();
        source[2].LetGo();
        source[3].LetGo();
        await Task.WhenAll(running.Append(waiting));
    }

    [Fact]
    public async Task Reads_of_an_open_unit_of_work_share_nothing()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        using var scope = test.Invalidator.BeginScope();
        await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        Task<string>[] reads = [ReadAsync(test, source), ReadAsync(test, source), ReadAsync(test, source)];
        await source[3].BegunAsync();
        for (var i = 1; i <= 3; i++)
            source[i].LetGo();
        await Task.WhenAll(reads);
    }

    private static async Task<string> ReadAsync(CacheUnderTest test, GatedSource source, CancellationToken? stop = null)
    {
        using var scope = test.Cache.BypassScope();
        return await test.Cache.GetOrCreateAsync("k", source.ReadAsync, cancellationToken: stop ?? Stop);
    }
}
