using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Cluster;

/// <summary>A process paused during a read for longer than the trust in its memory does not serve from memory.</summary>
public sealed class PausedReadTests
{
    private static readonly UnstaleEntryOptions Options = new() { Expiration = TimeSpan.FromHours(2), FreshFor = TimeSpan.FromHours(1) };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    public async Task An_entry_that_may_be_served_once_more_is_served_only_if_the_node_is_trusted_at_the_last_look(int seconds)
    {
        await using var test = new Paused();
        var source = new Source("old");
        await test.Node.ReadAsync("k", source, Options, "t");
        await test.Node.Node.RaiseOnceAsync("t");
        source.Value = "new";
        test.Clock.PauseAfterNextReading(TimeSpan.FromSeconds(seconds));
        var read = await test.Node.ReadAsync("k", source, Options, "t");
        Assert.Equal(seconds == 0 ? new CacheResult<string>("old", CacheOutcome.Stale) : new CacheResult<string>("new", CacheOutcome.Load), read);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    public async Task A_set_whose_answer_came_before_the_pause_is_kept_only_if_the_node_is_trusted_after_it(int seconds)
    {
        await using var test = new Paused();
        await test.Node.Cache.SetAsync("warm", "up", cancellationToken: Stop);
        var held = test.Node.Faults.HoldNext(Remote.ServerScript.Set, afterwards: true);
        var set = test.Node.Cache.SetAsync("k", "set", cancellationToken: Stop).AsTask();
        await held.Reached;
        if (seconds > 0)
        {
            test.Clock.PauseAfterNextReading(TimeSpan.FromSeconds(seconds));
            _ = test.Clock.GetTimestamp();
        }

        held.Release();
        await Eventually.Ends("the set ends", set);
        Assert.Equal(seconds == 0, test.Node.Cache.Inspect("k") is not null);
    }

    private sealed class Paused : IAsyncDisposable
    {
        private readonly SteppedTimeProvider _time = new();

        public Paused()
        {
            Clock = new PausedClock(_time);
            Node = new ClusterNode(new Remote.InMemoryServer(_time), Clock, null, withRemote: true);
        }

        public PausedClock Clock { get; }

        public ClusterNode Node { get; }

        public async ValueTask DisposeAsync() =>
            await Eventually.Ends("the node ends", Node.DisposeAsync().AsTask(), () => _time.Advance(TimeSpan.FromSeconds(.5)));
    }
}
