using Unstale.IntegrationTests.Redis.Log;
using Unstale.IntegrationTests.Redis.Store;
using Unstale.IntegrationTests.Support;
using Unstale.Redis.Link;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Link;

/// <summary>Memory of calls without a reply. The memory of the whole process is measured, so no other test runs at the same time.</summary>
[Collection<AloneCollection>]
public sealed class BytesInFlightTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(300);
    private RedisServer _server = null!;
    private LogProcess _process = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _process = new LogProcess(_server.Settings with { RequestTimeout = Limit, MaximumBytesInFlight = 1 << 20 });
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_server_that_stands_still_holds_no_more_than_the_limit_of_bytes()
    {
        await _process.Log().ConnectedAsync();
        var data = _process.Hub.Current!.Data;
        var payload = new byte[64 << 10];
        await _server.FreezeAsync();
        try
        {
            var before = GC.GetTotalMemory(forceFullCollection: true);
            var calls = Enumerable.Range(0, 2_000).Select(i => RedisConnectionTests.SetAsync(data, $"k{i}", payload)).ToArray();
            var outcomes = await Task.WhenAll(calls);
            Assert.All(outcomes, static outcome => Assert.IsAssignableFrom<CallException>(outcome));
            var sent = outcomes.Count(static outcome => outcome is CallException { OutcomeUnknown: true });
            Assert.InRange(sent, 1, ((1 << 20) / payload.Length) + 2);
            Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < 32 << 20, "The calls are kept.");
        }
        finally
        {
            await _server.ThawAsync();
        }

        await Eventually.TrueAsync("there is room again", async () => await RedisConnectionTests.SetAsync(data, "k", payload) is null);
    }
}
