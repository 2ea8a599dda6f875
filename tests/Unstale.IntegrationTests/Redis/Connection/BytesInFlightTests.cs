using Unstale.IntegrationTests.Redis.Log;
using Unstale.IntegrationTests.Support;
using Unstale.Redis.Connection;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Connection;

/// <summary>Memory of calls without a reply. The memory of the whole process is measured, so no other test runs at the same time.</summary>
[Collection<AloneCollection>]
public sealed class BytesInFlightTests : ShortLimitLink
{
    [Fact]
    public async Task A_blocked_server_holds_no_more_than_the_limit_of_bytes()
    {
        await Process.Log().ConnectedAsync();
        var data = Process.Hub.Current!.Data;
        var payload = new byte[64 << 10];
        await Server.FreezeAsync();
        try
        {
            var before = GC.GetTotalMemory(forceFullCollection: true);
            var calls = Enumerable.Range(0, 2_000).Select(i => SetAsync(data, $"k{i}", payload)).ToArray();
            var outcomes = await Task.WhenAll(calls);
            Assert.All(outcomes, static outcome => Assert.IsAssignableFrom<CallException>(outcome));
            var sent = outcomes.Count(static outcome => outcome is CallException { OutcomeUnknown: true });
            Assert.InRange(sent, 1, ((1 << 20) / payload.Length) + 2);
            Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < 32 << 20, "The calls are kept.");
        }
        finally
        {
            await Server.ThawAsync();
        }

        await Eventually.TrueAsync("there is room again", async () => await SetAsync(data, "k", payload) is null);
    }
}
