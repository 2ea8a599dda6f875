using Unstale.Remote;
using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Cluster;

/// <summary>Every call of the second level may fail. The cache continues without it.</summary>
public sealed class RemoteFailureTests
{
    public static TheoryData<ServerScript, bool> Calls => new()
    {
        { ServerScript.Get, false }, { ServerScript.Get, true },
        { ServerScript.GetOrLease, false }, { ServerScript.GetOrLease, true },
        { ServerScript.Load, false }, { ServerScript.Load, true },
        { ServerScript.Drop, false }, { ServerScript.Drop, true },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_call_that_fails_is_a_miss_and_is_logged(ServerScript script, bool executed)
    {
        await using var cluster = new TestCluster(1);
        if (executed)
            cluster.A.Faults.LosesReplies = s => s == script;
        else
            cluster.A.Faults.Refuses = s => s == script;
        var source = new Source();
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Load), await ReadAsync(cluster.A, source, store: script != ServerScript.Drop));
        await Eventually.Holds("the failure is logged", () => cluster.A.Log.Says("the second level failed. This counts as a miss."));
        cluster.A.Faults.Clear();
        source.Value = "v2";
        await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("v2", (await ReadAsync(cluster.A, source)).Value);
        Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Memory), await ReadAsync(cluster.A, source));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_lease_that_a_reachable_server_refused_to_release_is_released_by_a_repeat(bool stored)
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        var refused = 0;
        cluster.A.Faults.Refuses = s => s is ServerScript.Load || (s is ServerScript.Release or ServerScript.Drop && Interlocked.Increment(ref refused) > 0);
        await ReadAsync(cluster.A, source, stored);
        await Eventually.Holds("the release is refused", () => Volatile.Read(ref refused) > 0);
        Assert.True(IsLeased());
        cluster.A.Faults.Clear();
        var began = cluster.Clock.GetTimestamp();
        await Eventually.Holds("the lease is released", () => !IsLeased(), () => cluster.Advance(.05));
        Assert.InRange(cluster.Clock.GetElapsedTime(began).TotalSeconds, 0, 1);
        Assert.Equal("v1", (await ReadAsync(cluster.B, source)).Value);

        bool IsLeased() => cluster.Server.Read(static d => d.Leases.ContainsKey("k"));
    }

    [Fact]
    public async Task A_second_level_call_that_throws_synchronously_is_a_miss()
    {
        var store = new ThrowingStore();
        await using var test = new CacheUnderTest(services: s => s.AddKeyed(store));
        var stop = TestContext.Current.CancellationToken;
        foreach (var name in new[] { nameof(IRemoteStore.GetAsync), nameof(IRemoteStore.GetOrLeaseAsync), nameof(IRemoteStore.StoreLoadedAsync), nameof(IRemoteStore.ReleaseAsync) })
        {
            store.Throws = name;
            Assert.Equal(name, await test.Cache.GetOrCreateAsync($"{name}", _ => new ValueTask<string>(name), cancellationToken: stop));
            Assert.True(test.Cache.TryGet(name, out string _));
        }
    }

    [Fact]
    public async Task Bytes_that_cannot_be_read_are_a_miss_and_are_replaced()
    {
        await using var cluster = new TestCluster();
        var stop = TestContext.Current.CancellationToken;
        await cluster.A.Cache.GetOrCreateAsync("k", _ => new ValueTask<int>(6), cancellationToken: stop);
        cluster.Server.Read(static d => d.Values["k"] = d.Values["k"] with { Payload = "no number"u8.ToArray() });
        Assert.Equal(CacheOutcome.Load, (await cluster.B.Cache.GetOrCreateResultAsync("k", (_, _) => new ValueTask<int>(7), cancellationToken: stop)).Outcome);
        Assert.True(cluster.B.Log.Says("the second level failed"));
        var third = cluster.Add();
        Assert.Equal(
            new CacheResult<int>(7, CacheOutcome.Remote), await third.Cache.GetOrCreateResultAsync("k", (_, _) => new ValueTask<int>(8), cancellationToken: stop));
    }

    private static ValueTask<CacheResult<string>> ReadAsync(ClusterNode node, Source source, bool store = true) =>
        node.Cache.GetOrCreateResultAsync(
            "k",
            (load, token) =>
            {
                if (!store)
                    load.DoNotStore();
                return source.LoadAsync(token);
            },
            cancellationToken: TestContext.Current.CancellationToken);
}
