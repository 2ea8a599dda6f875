using Unstale.Tests.Cluster;
using Xunit;

namespace Unstale.Tests.Documentation;

public sealed class SessionExample
{
    private readonly Dictionary<int, string> _database = new() { [7] = "old name" };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_reads_on_any_node_what_it_has_written_on_another(bool isCutOff)
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

    private async Task<string> RenameAsync(IInvalidator invalidator, int id, string name)
    {
        _database[id] = name;
        var receipt = await invalidator.ChangedAsync("product", id.ToString());
        return receipt.State == ReceiptState.Applied ? receipt.Positions.ToString() : "queued"; // to the client: a header, a cookie
    }

    private async Task<string> ReadAsync(UnstaleCache cache, int id, string? session)
    {
        using var bypass = await cache.CaughtUpToAsync(session) ? null : cache.BypassScope();
        return await cache.GetOrCreateAsync($"product:{id}", _ => new ValueTask<string>(_database[id]), tags: [$"product:{id}"]);
    }
}
