using Microsoft.Extensions.DependencyInjection;
using Unstale.Tests.Cluster;
using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Boundary;

public sealed class ThrowingClockTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Parts => ["GetTimestamp", "GetUtcNow", "CreateTimer", "Change", "everything"];

    [Theory]
    [MemberData(nameof(Parts))]
    public async Task A_cache_in_process_is_made_read_invalidated_and_disposed_although_its_clock_throws(string part)
    {
        var inner = new SteppedTimeProvider();
        var clock = new ThrowingClock(inner) { Breaks = part };
        await using (var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(clock).AddUnstale().Services.BuildServiceProvider())
        {
            var cache = services.GetRequiredService<UnstaleCache>();
            Assert.Equal(1, await cache.GetOrCreateAsync("k", _ => new ValueTask<int>(1), tags: ["t"], cancellationToken: Stop));
            Assert.Equal(1, await cache.GetOrCreateAsync("k", _ => new ValueTask<int>(2), cancellationToken: Stop));
            var receipt = await cache.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
            Assert.Equal(2, await cache.GetOrCreateAsync("k", _ => new ValueTask<int>(2), cancellationToken: Stop));
            Assert.Equal(ReceiptState.Applied, (await cache.Invalidator.ChangedAsync("product", "1", cancellationToken: Stop)).State);
            Assert.Equal(1, await Eventually.Ends("the sweep counts", receipt.WaitForReclaimAsync(Stop).AsTask(), () => inner.Advance(TimeSpan.FromMilliseconds(50))));
            clock.Breaks = "Dispose";
        }
    }

    [Theory]
    [MemberData(nameof(Parts))]
    public async Task A_node_passes_its_bound_and_is_trusted_again_although_its_clock_throws_for_a_while(string part)
    {
        var inner = new SteppedTimeProvider();
        var clock = new ThrowingClock(inner);
        var server = new InMemoryServer(inner);
        await using var node = new ClusterNode(server, clock, null, withRemote: true, ofLog: static o => o.ShutdownTimeout = TimeSpan.FromMilliseconds(100));
        await Eventually.Holds("the node is trusted", () => node.IsTrusted, () => inner.Advance(TimeSpan.FromSeconds(.1)));
        node.Faults.Refuses = _ => true;
        clock.Breaks = part;
        for (var i = 0; i < 20; i++)
            inner.Advance(TimeSpan.FromSeconds(1));
        clock.Breaks = null;
        node.Faults.Clear();

        await Eventually.Holds("the heart beats on and the node is trusted", () => node.IsTrusted, () => inner.Advance(TimeSpan.FromSeconds(.2)));
    }

    [Fact]
    public async Task A_clock_that_throws_does_not_keep_a_value_alive()
    {
        var inner = new SteppedTimeProvider();
        var clock = new ThrowingClock(inner);
        await using var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(clock)
            .AddUnstale(o => o.DefaultExpiration = TimeSpan.FromMilliseconds(100)).Services.BuildServiceProvider();
        var cache = services.GetRequiredService<UnstaleCache>();
        await cache.GetOrCreateAsync("k", _ => new ValueTask<int>(1), cancellationToken: Stop);
        clock.Breaks = "GetTimestamp";

        await Eventually.Holds("the value expires", () => !cache.TryGet("k", out int _));
    }
}
