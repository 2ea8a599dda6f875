using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Cluster;

/// <summary>Reads of the second level: plain reads judged by the node, and judged by the server where the node cannot decide.</summary>
public sealed class PlainReadTests
{
    private static readonly UnstaleEntryOptions Hour = new() { Expiration = TimeSpan.FromHours(1) };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_value_of_another_node_is_read_without_a_script()
    {
        await using var cluster = new TestCluster();
        await cluster.A.ReadAsync("k", new Source(), tags: "t");
        await cluster.A.Invalidator.InvalidateTagAsync("other", cancellationToken: Stop);
        cluster.B.Faults.Refuses = static s => s == ServerScript.GetOrLease;
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Remote), await cluster.B.ReadAsync("k", new Source("not loaded"), tags: "t"));
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Memory), await cluster.B.ReadAsync("k", new Source("not loaded"), tags: "t"));
    }

    [Fact]
    public async Task A_remote_value_older_than_the_start_of_the_node_is_validated_by_the_server()
    {
        await using var cluster = new TestCluster();
        await cluster.A.ReadAsync("k", new Source(), tags: "t");
        await cluster.A.ReadAsync("gone", new Source(), tags: "u");
        cluster.A.Faults.DropsPushes = true;
        await cluster.B.Invalidator.InvalidateTagAsync("u", cancellationToken: Stop);
        var late = cluster.Add();
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Remote), await late.ReadAsync("k", new Source("not loaded"), tags: "t"));
        Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Load), await late.ReadAsync("gone", new Source("v2"), tags: "u"));
    }

    [Fact]
    public async Task A_value_that_is_loaded_between_the_plain_read_and_the_request_for_the_lease_is_not_loaded_again()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        var hold = cluster.B.Faults.HoldNext(ServerScript.GetOrLease);
        var read = cluster.B.ReadAsync("k", source).AsTask();
        await Eventually.Ends("the plain read has found nothing", hold.Reached);
        await cluster.A.ReadAsync("k", source);
        hold.Release();
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Remote), await Eventually.Ends("the value is there", read));
        Assert.Equal(1, source.Loads);
        Assert.Empty(cluster.Server.Read(static d => d.Leases));
    }

    [Fact]
    public async Task A_remote_value_that_arrives_after_the_loss_of_trust_is_not_served()
    {
        await using var cluster = new TestCluster();
        await cluster.A.ReadAsync("k", new Source(), tags: "t");
        var hold = cluster.B.Faults.HoldNext(ServerScript.Get, afterwards: true);
        var source = new Source("v2");
        var read = cluster.B.ReadAsync("k", source, tags: "t").AsTask();
        await Eventually.Ends("the value is on its way", hold.Reached);
        cluster.B.Faults.Refuses = static s => s == ServerScript.Tail;
        cluster.B.Faults.DropsPushes = true;
        await cluster.A.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        cluster.Advance(6);
        Assert.False(cluster.B.IsTrusted);
        hold.Release();
        Assert.Equal("v2", (await Eventually.Ends("the source is read", read, () => cluster.Advance(.02))).Value);
        Assert.Equal(1, source.Loads);
    }

    [Fact]
    public async Task A_probe_acquires_no_lease_and_calls_the_script_only_for_stored_values()
    {
        await using var cluster = new TestCluster();
        cluster.B.Faults.Refuses = static s => s == ServerScript.GetOrLease;
        Assert.Equal(CacheOutcome.None, (await cluster.B.Cache.TryGetAsync<string>("k", Stop)).Outcome);
        Assert.False(cluster.B.Log.Says("the second level failed"));
        cluster.B.Faults.Clear();
        await cluster.A.ReadAsync("k", new Source(), tags: "t");
        await cluster.A.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        Assert.Equal(CacheOutcome.None, (await cluster.B.Cache.TryGetAsync<string>("k", Stop)).Outcome);
        Assert.Empty(cluster.Server.Read(static d => d.Leases));
        await cluster.A.ReadAsync("k", new Source("v2"), tags: "t");
        Assert.Equal("v2", (await cluster.B.Cache.TryGetAsync<string>("k", Stop)).Value);
    }

    [Fact]
    public async Task A_value_confirmed_by_the_server_is_read_without_a_script_by_nodes_that_join_later()
    {
        await using var cluster = new TestCluster();
        await cluster.A.ReadAsync("k", new Source(), Hour, "t");
        await cluster.A.Invalidator.InvalidateTagAsync("other", cancellationToken: Stop);
        cluster.Advance(61);
        Assert.Equal(CacheOutcome.Remote, (await cluster.Add().ReadAsync("k", new Source("not loaded"), Hour, "t")).Outcome);
        var late = cluster.Add();
        late.Faults.Refuses = static s => s == ServerScript.GetOrLease;
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Remote), await late.ReadAsync("k", new Source("not loaded"), Hour, "t"));
        await cluster.A.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        Assert.False(late.Holds("k"));
    }

    [Fact]
    public async Task A_confirmation_of_the_server_does_not_cover_a_tag_that_the_value_lacks()
    {
        await using var cluster = new TestCluster();
        await cluster.A.ReadAsync("k", new Source(), Hour, "old");
        await cluster.B.Invalidator.InvalidateTagAsync("new", cancellationToken: Stop);
        cluster.Advance(61);
        Assert.Equal(CacheOutcome.Remote, (await cluster.Add().ReadAsync("k", new Source("not loaded"), Hour, "old")).Outcome);
        Assert.Equal(1, cluster.Server.Read(static d => d.Values["k"].Confirmed));
        Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Load), await cluster.B.ReadAsync("k", new Source("v2"), Hour, "new"));
    }

    [Fact]
    public async Task A_value_of_another_type_is_replaced_by_one_request()
    {
        await using var cluster = new TestCluster();
        await cluster.A.ReadAsync("k", new Source());
        var asked = 0;
        cluster.B.Faults.Ignores = s => s == ServerScript.GetOrLease && Interlocked.Increment(ref asked) < 0;
        Assert.Equal(CacheOutcome.Load, (await cluster.B.Cache.GetOrCreateResultAsync("k", static (_, _) => new ValueTask<int>(7), cancellationToken: Stop)).Outcome);
        Assert.Equal(1, Volatile.Read(ref asked));
        Assert.Equal(CacheOutcome.Remote, (await cluster.Add().Cache.GetOrCreateResultAsync("k", static (_, _) => new ValueTask<int>(8), cancellationToken: Stop)).Outcome);
    }
}
