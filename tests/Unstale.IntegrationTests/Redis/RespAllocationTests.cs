using Unstale.Redis.Resp;
using Xunit;

namespace Unstale.IntegrationTests.Redis;

/// <summary>What a call costs in memory. Nothing else may run meanwhile, since the runtime counts for the whole process.</summary>
[CollectionDefinition(nameof(RespAllocationTests), DisableParallelization = true)]
[Collection(nameof(RespAllocationTests))]
public sealed class RespAllocationTests
{
    private const int Callers = 10;
    private const int CallsEach = 3000;

    [Fact]
    public async Task A_call_takes_no_memory_but_its_result()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await RespConnection.ConnectAsync(server.EndPoint, server.Options, ct: TestContext.Current.CancellationToken);
        await AllAsync(connection);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await AllAsync(connection);

        // 24 bytes of array around 2 of value, and what the runtime takes for the awaits of reader and writer, which calls share.
        Assert.InRange((GC.GetTotalAllocatedBytes(precise: true) - before) / (double)(Callers * CallsEach), 32, 80);
    }

    private static Task AllAsync(RespConnection connection) =>
        Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(() => CallAsync(connection))));

    private static async Task CallAsync(RespConnection connection)
    {
        for (var i = 0; i < CallsEach; i++)
        {
            using var command = RespCommand.Create("ECHO").Arg("ab");
            await connection.CallAsync(command);
        }
    }
}
