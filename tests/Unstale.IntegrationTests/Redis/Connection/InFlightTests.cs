using Unstale.Boundary;
using Unstale.Redis.Connection;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Connection;

/// <summary>Limit on the bytes of calls in flight.</summary>
public sealed class InFlightTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
    private readonly InFlight _room = new(100, GuardedTime.Over(TimeProvider.System));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_wait_in_turn_for_room()
    {
        await _room.EnterAsync(60, Long, Stop);
        var second = _room.EnterAsync(60, Long, Stop).AsTask();
        var third = _room.EnterAsync(1, Long, Stop).AsTask();
        Assert.False(second.IsCompleted || third.IsCompleted); // a small one does not overtake
        _room.Completed(60);
        await second;
        await third;
        Assert.Equal(61, _room.Bytes);
        _room.Completed(60);
        _room.Completed(1);
        Assert.Equal(0, _room.Bytes);
    }

    [Fact]
    public async Task A_call_above_the_limit_of_bytes_is_sent_alone()
    {
        await _room.EnterAsync(1000, Long, Stop);
        var next = _room.EnterAsync(1, Long, Stop).AsTask();
        Assert.False(next.IsCompleted);
        _room.Completed(1000);
        await next;
        var large = _room.EnterAsync(1000, Long, Stop).AsTask();
        Assert.False(large.IsCompleted);
        _room.Completed(1);
        await large;
    }

    [Fact]
    public async Task A_cancelled_or_late_caller_reserves_no_bytes_and_blocks_no_other_caller()
    {
        await _room.EnterAsync(100, Long, Stop);
        using var stop = new CancellationTokenSource();
        var cancelled = _room.EnterAsync(50, Long, stop.Token).AsTask();
        var late = _room.EnterAsync(50, TimeSpan.FromMilliseconds(20), Stop).AsTask();
        var patient = _room.EnterAsync(70, Long, Stop).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        await Assert.ThrowsAsync<TimeoutException>(() => late);
        _room.Completed(100);
        await patient;
        Assert.Equal(70, _room.Bytes);
    }

    [Fact]
    public async Task An_abandoned_call_reserves_its_bytes_until_a_later_call_completes_or_the_connection_is_lost()
    {
        await _room.EnterAsync(100, Long, Stop);
        _room.Abandoned(100);
        Assert.Equal(100, _room.Bytes);
        await _room.EnterAsync(10, Long, Stop); // one call at a time may try
        var next = _room.EnterAsync(10, Long, Stop).AsTask();
        Assert.False(next.IsCompleted);
        _room.Completed(10);
        await next;
        Assert.Equal(10, _room.Bytes);
        _room.Abandoned(10);
        _room.Lost();
        Assert.Equal(0, _room.Bytes);
    }

    [Fact]
    public async Task Under_random_load_the_limit_is_respected_and_all_bytes_are_released()
    {
        // A busy machine may run the callers one after the other: a run counts once two of them have held room together.
        var worst = 0L;
        for (var seed = 0; worst < 60; seed += 16)
        {
            Assert.InRange(seed, 0, 1600);
            worst = Math.Max(worst, await WorstUnderLoadAsync(seed));
            Assert.InRange(worst, 1, 100);
            Assert.Equal(0, _room.Bytes);
        }
    }

    private async Task<long> WorstUnderLoadAsync(int firstSeed)
    {
        var worst = 0L;
        await Task.WhenAll(Enumerable.Range(firstSeed, 16).Select(seed => Task.Run(
            async () =>
            {
                var random = new Random(seed);
                for (var i = 0; i < 2000; i++)
                {
                    var bytes = random.Next(1, 60);
                    try
                    {
                        await _room.EnterAsync(bytes, random.Next(4) == 0 ? TimeSpan.FromMicroseconds(random.Next(200)) : Long, Stop);
                    }
                    catch (TimeoutException)
                    {
                        continue;
                    }

                    InterlockedMaximum(ref worst, _room.Bytes);
                    if (random.Next(3) == 0)
                        await Task.Yield();

                    _room.Completed(bytes);
                }
            },
            Stop)));
        return worst;
    }

    private static void InterlockedMaximum(ref long most, long value)
    {
        for (var seen = Volatile.Read(ref most); value > seen && Interlocked.CompareExchange(ref most, value, seen) is var now && now != seen;)
            seen = now;
    }
}
