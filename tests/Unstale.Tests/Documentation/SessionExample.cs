using Unstale.Tests.Cluster;
using Xunit;

namespace Unstale.Tests.Documentation;

public sealed class SessionExample
{
    private readonly Dictionary<int, string> _database = new() { [7] = "old name" };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_reads_its_own_write_on_another_node(bool isCutOff)
    {
        await using var cluster = new TestCluster();
        Assert.Equal("old name", await ReadAsync(cluster.B.Cache, 7, session: null));
        cluster.B.Faults.DropsPushes = true;
        var session = await RenameAsync(cluster.A.Invalidator, 7, "new name");
        if (isCutOff)
        {
            cluster.B.Faults.Refuses = static _ => true;
            cluster.Advance(6);
        }

        Assert.Equal("new name", await ReadAsync(cluster.B.Cache, 7, session));
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("7-00000000000000000000000000000001-5")]
    [InlineData("0-00000000000000000000000000000001-5")]
    [InlineData("own generation")]
    public async Task A_position_that_no_node_issued_does_not_disable_the_cache(string token)
    {
        await using var cluster = new TestCluster();
        var receipt = await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: TestContext.Current.CancellationToken);
        if (token == "own generation")
            token = LogPositions.Of(receipt.Position with { Sequence = 1_000 }).ToString();
        var loads = 0;
        for (var i = 0; i < 300; i++)
        {
            using var bypass = await cluster.B.Cache.WaitForPositionAsync(token, cancellationToken: TestContext.Current.CancellationToken) is PositionStatus.NotYet ? cluster.B.Cache.BypassScope() : null;
            await cluster.B.Cache.GetOrCreateAsync("product:7", _ => new ValueTask<int>(++loads), cancellationToken: TestContext.Current.CancellationToken);
        }

        Assert.Equal(1, loads);
    }

    private async Task<string> RenameAsync(IInvalidator invalidator, int id, string name)
    {
        _database[id] = name;
        var receipt = await invalidator.ChangedAsync("product", id.ToString());
        return receipt.Positions.ToString(); // to the client: a header, a cookie
    }

    private async Task<string> ReadAsync(UnstaleCache cache, int id, string? session)
    {
        using var bypass = await cache.WaitForPositionAsync(session) is PositionStatus.NotYet ? cache.BypassScope() : null;
        return await cache.GetOrCreateAsync($"product:{id}", _ => new ValueTask<string>(_database[id]), tags: [$"product:{id}"]);
    }
}
