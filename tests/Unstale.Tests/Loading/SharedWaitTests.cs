using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>Callers that wait for a running load without limits share a wait. All other callers wait on their own.</summary>
public sealed class SharedWaitTests : IAsyncDisposable
{
    private readonly CacheUnderTest _test = new(static o => o.RecordDependencies = true);
    private readonly GatedSource _source = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static CancellationToken NoToken => CancellationToken.None;

    [Fact]
    public async Task Callers_that_wait_without_limits_get_the_value_and_count_as_joined()
    {
        var first = await BeginAsync();
        var waiting = Enumerable.Range(0, 5).Select(_ => ReadAsync()).ToArray();
        var informed = _test.Cache.GetOrCreateResultAsync("k", (_, token) => _source.ReadAsync(token), cancellationToken: NoToken).AsTask();
        Assert.Equal(6, _test.Cache.GetStatistics().Joins);
        _source[1].LetGo();
        Assert.All(await Eventually.Ends("all get the value", Task.WhenAll([first, .. waiting])), value => Assert.Equal("old", value));
        var result = await Eventually.Ends("the value comes with its source", informed);
        Assert.Equal(("old", CacheOutcome.Joined), (result.Value, result.Outcome));
        Assert.Equal(1, _source.Reads);
    }

    [Fact]
    public async Task Callers_on_both_sides_of_an_invalidation_do_not_share()
    {
        var first = await BeginAsync("t");
        Task<string>[] early = [ReadAsync("t"), ReadAsync("t"), ReadAsync("t")];
        _source.Value = "between";
        await _test.Cache.RemoveByTagAsync("late", Stop);
        Task<string>[] between = [ReadAsync("t"), ReadAsync("t"), ReadAsync("t")];
        _source.Value = "new";
        await _test.Cache.RemoveByTagAsync("found", Stop);
        Task<string>[] late = [ReadAsync("t"), ReadAsync("t"), ReadAsync("t")];
        _source[1].LetGo();
        await _source[2].BegunAsync();
        _source[2].LetGo();
        Assert.All(await Eventually.Ends("who joined before gets the value", Task.WhenAll([first, .. early, .. between])), value => Assert.Equal("old", value));
        Assert.All(await Eventually.Ends("who joined after the mark starts again", Task.WhenAll(late)), value => Assert.Equal("new", value));
        Assert.Equal(2, _source.Reads);
    }

    [Fact]
    public async Task A_load_that_starts_again_carries_the_tags_of_every_caller()
    {
        var first = await BeginAsync("a");
        await _test.Cache.RemoveByTagAsync("found", Stop);
        Task<string>[] late = [ReadAsync("a"), ReadAsync("a", "b"), ReadAsync("a", "b")];
        _source[1].LetGo();
        await _source[2].BegunAsync();
        await Eventually.Holds("the others have joined the second load", () => _test.Cache.GetStatistics().Joins == 5);
        _source[2].LetGo();
        await Eventually.Ends("all end", Task.WhenAll([first, .. late]));
        Assert.Equal(["a", "b", "found"], _test.Cache.Inspect("k")!.Tags.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_cancelled_caller_ends_its_wait_without_affecting_the_other_callers()
    {
        using var cancellation = new CancellationTokenSource();
        var first = await BeginAsync();
        var shared = ReadAsync();
        var leaving = _test.Cache.GetOrCreateAsync("k", _source.ReadAsync, cancellationToken: cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Eventually.Ends("the cancelled wait ends", leaving));
        Assert.False(shared.IsCompleted);
        _source[1].LetGo();
        Assert.Equal(["old", "old"], await Eventually.Ends("the others get the value", Task.WhenAll(first, shared)));
    }

    [Fact]
    public async Task A_caller_with_a_limit_of_its_own_waits_no_longer()
    {
        var first = await BeginAsync();
        Task<string>[] shared = [ReadAsync(), ReadAsync()];
        var limited = _test.Cache.GetOrCreateAsync(
            "k", (_, token) => _source.ReadAsync(token), new UnstaleEntryOptions { WaitTimeout = TimeSpan.FromSeconds(1) }, cancellationToken: NoToken).AsTask();
        await Assert.ThrowsAsync<LoadTimeoutException>(() => Eventually.Ends("the limited wait ends", limited, () => _test.Clock.Advance(TimeSpan.FromMilliseconds(50))));
        Assert.All(shared, task => Assert.False(task.IsCompleted));
        _source[1].LetGo();
        await Eventually.Ends("the others get the value", Task.WhenAll([first, .. shared]));
    }

    [Fact]
    public async Task A_factory_that_waits_depends_on_the_value()
    {
        var first = await BeginAsync();
        Task<string>[] shared = [ReadAsync(), ReadAsync()];
        var outer = _test.Cache.GetOrCreateAsync(
            "outer", async _ => "of " + await _test.Cache.GetOrCreateAsync("k", _source.ReadAsync, cancellationToken: NoToken), cancellationToken: NoToken).AsTask();
        await Eventually.Holds("the factory waits", () => _test.Cache.GetStatistics().Joins == 3);
        _source[1].LetGo();
        await Eventually.Ends("all end", Task.WhenAll([first, outer, .. shared]));
        Assert.Contains("k", _test.Cache.Inspect("outer")!.Dependencies);
        await _test.Cache.RemoveAsync("k", Stop);
        Assert.False(_test.Cache.TryGet("outer", out string _));
    }

    [Fact]
    public async Task Values_that_may_not_be_shared_are_copied_for_each_caller()
    {
        async ValueTask<string[]> ListAsync(CancellationToken token) => [await _source.ReadAsync(token)];
        var reads = Enumerable.Range(0, 4).Select(_ => _test.Cache.GetOrCreateAsync("list", ListAsync, cancellationToken: NoToken).AsTask()).ToArray();
        _source[1].LetGo();
        var values = await Eventually.Ends("all get a list", Task.WhenAll(reads));
        Assert.Equal(4, values.Distinct(ReferenceEqualityComparer.Instance).Count());
        Assert.Equal(1, _source.Reads);
    }

    [Fact]
    public async Task An_exception_of_the_load_reaches_every_caller()
    {
        var first = await BeginAsync();
        Task<string>[] shared = [ReadAsync(), ReadAsync(), ReadAsync()];
        _source[1].Fail(new InvalidDataException("broken"));
        foreach (var read in shared.Prepend(first))
            Assert.Equal("broken", (await Assert.ThrowsAsync<InvalidDataException>(() => Eventually.Ends("the read fails", read))).Message);
        Assert.Null(_test.Cache.Inspect("k"));
    }

    [Fact]
    public async Task All_start_again_together_when_the_caller_that_runs_the_load_is_cancelled()
    {
        using var request = new CancellationTokenSource();
        var runner = _test.Cache.GetOrCreateAsync("k", request, static async (r, _) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, r.Token);
            return "never";
        }, cancellationToken: NoToken).AsTask();
        Task<string>[] shared = [ReadAsync(), ReadAsync(), ReadAsync()];
        await request.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Eventually.Ends("the load is cancelled", runner));
        await _source[1].BegunAsync();
        _source[1].LetGo();
        Assert.All(await Eventually.Ends("the others get a value", Task.WhenAll(shared)), value => Assert.Equal("old", value));
        Assert.Equal(1, _source.Reads);
    }

    [Fact]
    public async Task The_callers_of_a_load_that_exceeds_its_limit_get_the_value_in_memory()
    {
        var first = _test.Cache.GetOrCreateAsync(
            "k", (_, token) => _source.ReadAsync(token), new UnstaleEntryOptions { LoadTimeout = TimeSpan.FromSeconds(1) }, cancellationToken: NoToken).AsTask();
        await _source[1].BegunAsync();
        Task<string>[] shared = [ReadAsync(), ReadAsync()];
        await _test.Cache.SetAsync("k", "set", cancellationToken: Stop);
        void Advance() => _test.Clock.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal(["set", "set", "set"], await Eventually.Ends("all get the value of memory", Task.WhenAll([first, .. shared]), Advance));
        Assert.Equal(1, _source.Reads);
    }

    [Fact]
    public async Task The_limit_of_a_load_ends_the_waits_of_all_callers_although_it_cancels_the_load()
    {
        var first = _test.Cache.GetOrCreateAsync(
            "k", (_, token) => _source.ReadAsync(token), new UnstaleEntryOptions { LoadTimeout = TimeSpan.FromSeconds(1) }, cancellationToken: NoToken).AsTask();
        await _source[1].BegunAsync();
        Task<string>[] all = [first, ReadAsync(), ReadAsync()];
        await Eventually.Holds("all waits have ended", () => Array.TrueForAll(all, static read => read.IsCompleted), () => _test.Clock.Advance(TimeSpan.FromMilliseconds(50)));
        Assert.All(all, static read => Assert.IsType<LoadTimeoutException>(read.Exception?.InnerException));
        Assert.Equal(1, _source.Reads);
    }

    [Fact]
    public async Task A_caller_that_blocks_after_its_wait_does_not_delay_the_end_of_the_load()
    {
        using var mayEnd = new ManualResetEventSlim();
        var first = await BeginAsync();
        async Task<string> BlockAsync()
        {
            var value = await ReadAsync().ConfigureAwait(false);
            mayEnd.Wait(TimeSpan.FromSeconds(30), Stop);
            return value;
        }

        Task<string>[] blocked = [BlockAsync(), BlockAsync(), BlockAsync()];
        _source[1].LetGo();
        Assert.Equal("old", await Eventually.Ends("the caller that runs the load is not delayed", first));
        mayEnd.Set();
        await Eventually.Ends("all end", Task.WhenAll([first, .. blocked]));
    }

    [Fact]
    public async Task A_caller_whose_synchronization_context_is_busy_gets_the_value()
    {
        var first = await BeginAsync();
        var own = SynchronizationContext.Current;
        Task<string> shared;
        try
        {
            SynchronizationContext.SetSynchronizationContext(new BusyContext());
            shared = ReadAsync();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(own);
        }

        _source[1].LetGo();
        Assert.Equal(["old", "old"], await Eventually.Ends("both get the value", Task.WhenAll(first, shared)));
    }

    [Fact]
    public async Task A_caller_whose_scheduler_is_busy_gets_the_value()
    {
        var first = await BeginAsync();
        using var mayEnd = new ManualResetEventSlim();
        var shared = new TaskCompletionSource<Task<string>>();
        var busy = Task.Factory.StartNew(
            () =>
            {
                shared.SetResult(ReadAsync());
                mayEnd.Wait(TimeSpan.FromSeconds(30), Stop);
            },
            Stop,
            TaskCreationOptions.LongRunning,
            new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler);
        var read = await shared.Task;
        _source[1].LetGo();
        Assert.Equal(["old", "old"], await Eventually.Ends("both get the value", Task.WhenAll(first, read)));
        mayEnd.Set();
        await Eventually.Ends("the scheduler ends its task", busy);
    }

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    private async Task<Task<string>> BeginAsync(params string[] tags)
    {
        var first = ReadAsync(tags);
        await _source[1].BegunAsync();
        return first;
    }

    /// <summary>Reads a value that carries a tag found at the end of the load, besides the given ones.</summary>
    private Task<string> ReadAsync(params string[] tags) => _test.Cache.GetOrCreateAsync(
        "k", (context, token) => _source.ReadAsync(() => context.AddTag("found"), token), tags: tags, cancellationToken: NoToken).AsTask();

    private sealed class BusyContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
            // The thread of the context never returns to its queue.
        }
    }
}
