using System.Reflection;
using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Horizon;
using Unstale.IntegrationTests.Support;
using Unstale.Redis.Connection;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Cluster;

/// <summary>
/// Return of a server that the nodes had left, in its old state and with values invalidated elsewhere meanwhile. No node may read these values.
/// </summary>
public sealed class FailbackTests : IAsyncLifetime
{
    /// <summary>
    /// Field that holds the records to append again. The tests clear the field instead of waiting until the replay window has passed.
    /// </summary>
    private static readonly FieldInfo Appends = typeof(PartitionHorizon).GetField("_appends", BindingFlags.NonPublic | BindingFlags.Instance)!;
    private static readonly FieldInfo Ring = typeof(OutgoingAppends).GetField("_ring", BindingFlags.NonPublic | BindingFlags.Instance)!;

    private static readonly HybridCacheEntryOptions FromSecondLevel = new() { Flags = HybridCacheEntryFlags.DisableLocalCacheRead };

    private readonly Dictionary<RedisNode, Generation> _stoodIn = [];
    private RedisServer _other = null!;
    private RedisCluster _cluster = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _other = await RedisServer.StartAsync();
        _cluster = await RedisCluster.StartAsync(2);
        await HoldsOnServerAsync(_cluster.Server);
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _other.DisposeAsync();
    }

    [Fact]
    public async Task No_old_value_is_read_after_a_failback_with_all_records_for_replay_gone()
    {
        await MoveAndInvalidateAsync();
        ForgetWhatIsKeptForReplay();
        await MoveBackAsync();
        await AssertNobodyReadsTheOldAsync();
    }

    [Fact]
    public async Task No_old_value_is_read_after_a_failback_once_the_invalidating_node_has_ended()
    {
        await MoveAndInvalidateAsync();
        await _cluster[0].DisposeAsync();
        await MoveBackAsync();
        await AssertNobodyReadsTheOldAsync(1);
    }

    [Fact]
    public async Task No_old_value_is_read_by_new_nodes_after_a_failback_once_all_earlier_nodes_have_ended()
    {
        await MoveAndInvalidateAsync();
        await EndAllAsync();
        await PassesAsync();
        await MoveBackAsync();
        _cluster.Add();
        _cluster.Add();
        await AssertNobodyReadsTheOldAsync(2, 3);
    }

    [Fact]
    public async Task No_old_value_is_read_by_a_node_that_was_disconnected_during_the_whole_failover()
    {
        _cluster.Relay(_cluster[1]).Cut();
        await _cluster[1].NotTrustedAsync();
        _cluster.Relay(_cluster[0]).Cut();
        _cluster.Relay(_cluster[0]).LeadTo(_other.Port);
        await InvalidateAsync();
        await _cluster[0].DisposeAsync();
        await PassesAsync();
        NoteWhereTheyStand();
        _cluster.Relay(_cluster[1]).LeadTo(_cluster.Server.Port);
        await AssertNobodyReadsTheOldAsync(1);
    }

    [Fact]
    public async Task No_old_value_is_read_from_a_returning_server_whose_clock_is_before_its_last_confirmation()
    {
        await MoveAndInvalidateAsync();
        await EndAllAsync();
        await _cluster.Server.RunAsync("HINCRBY", ServerFaults.Base + "ctl", "confirmed", "3600000");
        await MoveBackAsync();
        _cluster.Add();
        await AssertNobodyReadsTheOldAsync(2);
    }

    [Fact]
    public async Task No_old_value_is_read_after_databases_are_swapped_and_swapped_back()
    {
        await _cluster.Server.RunAsync("SWAPDB", "0", "1");
        await _cluster.AgreedAsync();
        await InvalidateAsync();
        ForgetWhatIsKeptForReplay();
        NoteWhereTheyStand();
        await _cluster.Server.RunAsync("SWAPDB", "0", "1");
        await AssertNobodyReadsTheOldAsync();
    }

    [Fact]
    public async Task No_old_value_is_read_after_a_flushed_log_and_its_values_are_restored_from_a_backup()
    {
        var backup = await BackUpAsync();
        await _cluster.Server.RunAsync("FLUSHALL");
        await _cluster.AgreedAsync();
        await InvalidateAsync();
        ForgetWhatIsKeptForReplay();
        NoteWhereTheyStand();
        await RestoreAsync(backup);
        await AssertNobodyReadsTheOldAsync();
    }

    [Fact]
    public async Task No_old_value_is_read_after_a_backup_of_the_same_history_is_restored_under_running_nodes()
    {
        var backup = await BackUpAsync();
        await InvalidateAsync();
        NoteWhereTheyStand();
        await RestoreAsync(backup);
        await AssertNobodyReadsTheOldAsync();
    }

    [Fact]
    public async Task No_old_value_is_read_after_a_backup_is_restored_while_no_node_runs()
    {
        var backup = await BackUpAsync();
        await InvalidateAsync();
        await EndAllAsync();
        await PassesAsync();
        NoteWhereTheyStand();
        await RestoreAsync(backup);
        _cluster.Add();
        await AssertNobodyReadsTheOldAsync(2);
    }

    [Fact]
    public async Task No_old_value_is_read_after_more_new_histories_than_a_node_remembers()
    {
        await MoveAndInvalidateAsync();
        for (var i = 0; i < 70; i++)
        {
            var before = _cluster[0].Position.Generation;
            await _other.RunAsync("FLUSHALL");
            await Eventually.TrueAsync("both nodes stand in a new history", () => Task.FromResult(
                _cluster[0].Position.Generation == _cluster[1].Position.Generation && _cluster[0].Position.Generation is var now && now != before && now != Generation.None));
        }

        ForgetWhatIsKeptForReplay();
        await MoveBackAsync();
        await AssertNobodyReadsTheOldAsync();
    }

    [Fact]
    public async Task No_old_value_is_read_after_a_failback_beside_a_node_that_never_left_the_first_server()
    {
        // Node 1 stays on the first server all the time, which continues to confirm its trust.
        _cluster.Relay(_cluster[0]).Cut();
        _cluster.Relay(_cluster[0]).LeadTo(_other.Port);
        await InvalidateAsync();
        ForgetWhatIsKeptForReplay();
        Assert.True(_cluster[1].IsTrusted);
        NoteWhereTheyStand();
        _cluster.Relay(_cluster[0]).Cut();
        _cluster.Relay(_cluster[0]).LeadTo(_cluster.Server.Port);
        await AssertNobodyReadsTheOldAsync();
    }

    [Fact]
    public async Task A_position_of_the_other_server_is_not_reported_as_reached_on_the_first_server()
    {
        _cluster.Relay(_cluster[1]).Cut();
        await _cluster[1].NotTrustedAsync();
        _cluster.Relay(_cluster[0]).Cut();
        _cluster.Relay(_cluster[0]).LeadTo(_other.Port);
        var positions = await InvalidateAsync();
        _cluster.Relay(_cluster[1]).LeadTo(_cluster.Server.Port);
        Assert.NotEqual(PositionStatus.Reached, await _cluster[1].Cache.WaitForPositionAsync(positions, cancellationToken: Stop));
    }

    private async Task HoldsOnServerAsync(RedisServer server)
    {
        await _cluster.HoldsEverywhereAsync("k", "t");
        await Eventually.TrueAsync("the value lies in the second level", async () =>
            (await server.RunAsync("EXISTS", ServerFaults.Base + "v:shop:k")).Integer == 1);
    }

    private async Task MoveAndInvalidateAsync()
    {
        _cluster.MoveTo(_other);
        await _cluster.AgreedAsync();
        await InvalidateAsync();
    }

    /// <summary>Invalidates on the first node and its current server, and waits until all trusted nodes have applied the record.</summary>
    private async Task<LogPositions> InvalidateAsync()
    {
        _cluster.Truth.Commit("k", 0);
        InvalidationReceipt? receipt = null;
        await Eventually.TrueAsync("the invalidation is applied", async () =>
        {
            receipt = await _cluster[0].Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
            return receipt.State == ReceiptState.Applied;
        });
        await receipt!.WaitForAllNodesAsync(Stop);
        return receipt.Positions;
    }

    private async Task MoveBackAsync()
    {
        NoteWhereTheyStand();
        _cluster.MoveTo(_cluster.Server);
        Assert.Equal(1, (await _cluster.Server.RunAsync("EXISTS", ServerFaults.Base + "v:shop:k")).Integer);
    }

    /// <summary>Clears the ring, as at the end of the replay window: from then on nothing appends the invalidation again.</summary>
    private void ForgetWhatIsKeptForReplay()
    {
        foreach (var node in _cluster.Nodes)
        {
            lock (node.Node.Horizon.Gate)
                Ring.SetValue(Appends.GetValue(node.Node.Horizon), null);
        }
    }

    private void NoteWhereTheyStand()
    {
        foreach (var node in _cluster.Nodes)
            _stoodIn[node] = node.Position.Generation;
    }

    /// <summary>Waits longer than any node may serve.</summary>
    private static Task PassesAsync() => Task.Delay(RedisCluster.Bound + TimeSpan.FromMilliseconds(500), TimeProvider.System, Stop);

    private async Task EndAllAsync()
    {
        foreach (var node in _cluster.Nodes)
            await node.DisposeAsync();
    }

    private async Task<Dictionary<string, byte[]>> BackUpAsync()
    {
        var backup = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var key in (await _cluster.Server.RunAsync("KEYS", "*")).Items.Select(static k => k.Text()))
            backup[key] = (await _cluster.Server.RunAsync("DUMP", key)).Bytes;
        return backup;
    }

    /// <summary>Restores the backup in one step, as a server does when it reads a file.</summary>
    private async Task RestoreAsync(Dictionary<string, byte[]> backup)
    {
        await using var connection = await RawConnection.ConnectAsync(_cluster.Server.EndPoint);
        using var command = RedisCall.Create("EVAL")
            .Arg("redis.call('FLUSHALL') for i, key in ipairs(KEYS) do redis.call('RESTORE', key, 0, ARGV[i]) end").Arg(backup.Count);
        foreach (var key in backup.Keys)
            command.Arg(key);
        foreach (var value in backup.Values)
            command.Arg(value);
        await connection.CallAsync(command);
    }

    private async Task AssertNobodyReadsTheOldAsync(params int[] numbers)
    {
        RedisNode[] nodes = numbers.Length == 0 ? [.. _cluster.Nodes] : [.. numbers.Select(n => _cluster[n])];

        // Nodes that have not met the returned server yet cannot be wrong, and untrusted nodes read the source.
        await Eventually.TrueAsync("they stand in another history than before, all in one", () => Task.FromResult(
            nodes.All(n => n.IsTrusted && n.Position.Generation != _stoodIn.GetValueOrDefault(n)) && nodes.Select(n => n.Position.Generation).Distinct().Count() == 1));
        for (var i = 0; i < 3; i++)
        {
            foreach (var node in nodes)
            {
                await node.TrustedAsync();
                Assert.Equal(1, (await node.ReadAsync("k", _cluster.Truth, "t")).Value);
            }
        }

        foreach (var node in nodes)
        {
            var read = await node.Cache.GetOrCreateAsync("k", _cluster.Truth, static (truth, token) => truth.LoadAsync("k", token), FromSecondLevel, ["t"], Stop);
            Assert.Equal(1, read);
        }
    }
}
