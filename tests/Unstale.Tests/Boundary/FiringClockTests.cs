using Unstale.Tests.Memory;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Boundary;

/// <summary>Timers that a clock runs inside a reading, at each reading of an operation in turn: the reader may hold a lock.</summary>
public sealed class FiringClockTests
{
    private const int Readings = 24;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<int> Each => [.. Enumerable.Range(0, Readings)];

    [Theory]
    [MemberData(nameof(Each))]
    public async Task A_sweep_during_a_clock_read_does_not_remove_the_entry_that_the_reader_is_removing(int reading)
    {
        var clock = new FiringClock();
        await using var test = new CacheUnderTest(o => o.MaximumEntries = 1, time: clock);
        await test.Cache.SetAsync("old", "v", new UnstaleEntryOptions { Expiration = TimeSpan.FromSeconds(1) }, cancellationToken: Stop);
        clock.Move(TimeSpan.FromMinutes(1)); // the entry is expired, and the pass over expired entries is due
        clock.FiresAfter = reading;
        Assert.Equal("new", await test.Cache.GetOrCreateAsync("new", static _ => new ValueTask<string>("new"), cancellationToken: Stop));
        await Eventually.Holds("the pass has ended", () => Record.Exception(() => StoreCheck.Verify(test.Node.Horizon, SoakedCache.StoreOf(test.Cache))) is null);
        Assert.True(test.Cache.TryGet("new", out string _));
        Assert.Equal(1, test.Cache.GetStatistics().Entries);
    }

    [Theory]
    [MemberData(nameof(Each))]
    public async Task An_invalidation_during_a_clock_read_is_not_overtaken_by_the_value_that_the_reader_is_storing(int reading)
    {
        var clock = new FiringClock();
        await using var test = new CacheUnderTest(time: clock);
        var receipt = test.Invalidator.InvalidateLater(["k"]);
        clock.Move(TimeSpan.FromSeconds(1)); // the batch is due
        await test.Cache.GetOrCreateAsync(
            "k",
            _ =>
            {
                clock.FiresAfter = reading; // the value is read before the batch is raised
                return new ValueTask<string>("old");
            },
            cancellationToken: Stop);
        clock.FiresAfter = int.MaxValue;
        clock.Fire();
        await Eventually.Holds("the batch is raised", () => receipt.State == ReceiptState.Applied);
        Assert.False(test.Cache.TryGet("k", out string _));
    }
}
