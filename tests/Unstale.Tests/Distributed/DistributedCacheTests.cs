using System.Buffers;
using System.Text;
using System.Transactions;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Tests.Cluster;
using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Distributed;

/// <summary>IDistributedCache over a cache with two nodes and a second level.</summary>
public sealed class DistributedCacheTests : IAsyncDisposable
{
    private static readonly DistributedCacheEntryOptions NoEnd = new();

    private readonly TestCluster _cluster = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private IBufferDistributedCache A => _cluster.A.Distributed;

    private IBufferDistributedCache B => _cluster.B.Distributed;

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Bytes_set_on_one_node_are_read_on_another_by_every_method()
    {
        await A.SetAsync("k", "value"u8.ToArray(), NoEnd, Stop);
        Assert.Equal("value", TextOf(await B.GetAsync("k", Stop)));
        Assert.Equal("value", TextOf(B.Get("k")));
        var buffer = new ArrayBufferWriter<byte>();
        Assert.True(await B.TryGetAsync("k", buffer, Stop));
        Assert.True(B.TryGet("k", buffer));
        Assert.Equal("valuevalue", Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    [Fact]
    public async Task Bytes_are_set_and_removed_by_every_method()
    {
        A.Set("1", "array"u8.ToArray(), NoEnd);
        A.Set("2", new ReadOnlySequence<byte>("sequence"u8.ToArray()), NoEnd);
        await A.SetAsync("3", new ReadOnlySequence<byte>("async"u8.ToArray()), NoEnd, Stop);
        Assert.Equal(["array", "sequence", "async"], [TextOf(B.Get("1")), TextOf(B.Get("2")), TextOf(B.Get("3"))]);
        A.Remove("1");
        await A.RemoveAsync("2", Stop);
        await Eventually.Holds("the removals have reached the other node", () => B.Get("1") is null && B.Get("2") is null);
        Assert.Null(A.Get("1"));
        Assert.NotNull(A.Get("3"));
    }

    [Fact]
    public async Task A_key_without_a_value_is_not_found_and_takes_no_lease()
    {
        Assert.Null(await A.GetAsync("k", Stop));
        Assert.False(await A.TryGetAsync("k", new ArrayBufferWriter<byte>(), Stop));
        await A.RefreshAsync("k", Stop);
        await A.RemoveAsync("k", Stop);
        var read = _cluster.B.Cache.GetOrCreateAsync("k", static _ => new ValueTask<string>("loaded"), cancellationToken: Stop);
        Assert.Equal("loaded", await Eventually.Ends("no lease delays the load of another node", read.AsTask()));
    }

    [Fact]
    public async Task A_caller_that_changes_its_bytes_changes_no_other_value()
    {
        var given = "value"u8.ToArray();
        await A.SetAsync("k", given, NoEnd, Stop);
        given[0] = 0;
        var read = (await A.GetAsync("k", Stop))!;
        Assert.Equal("value", TextOf(read));
        read[0] = 0;
        Assert.Equal("value", TextOf(await A.GetAsync("k", Stop)));
    }

    [Fact]
    public async Task The_newer_set_replaces_the_value_on_every_node()
    {
        await A.SetAsync("k", "one"u8.ToArray(), NoEnd, Stop);
        Assert.Equal("one", TextOf(await B.GetAsync("k", Stop)));
        await B.SetAsync("k", "two"u8.ToArray(), NoEnd, Stop);
        await Eventually.Holds("the first node has the newer value", () => string.Equals(TextOf(A.Get("k")), "two", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("absolute")]
    [InlineData("relative")]
    public async Task A_value_ends_at_its_absolute_expiration(string kind)
    {
        var end = kind == "relative"
            ? new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(10) }
            : new DistributedCacheEntryOptions { AbsoluteExpiration = _cluster.Clock.GetUtcNow() + TimeSpan.FromSeconds(10) };
        await A.SetAsync("k", "value"u8.ToArray(), end, Stop);
        _cluster.Advance(9);
        Assert.NotNull(await A.GetAsync("k", Stop));
        Assert.NotNull(await B.GetAsync("k", Stop));
        _cluster.Advance(1);
        Assert.Null(await A.GetAsync("k", Stop));
        Assert.Null(await B.GetAsync("k", Stop));
    }

    [Fact]
    public async Task A_value_without_expiration_outlives_the_default_of_the_cache()
    {
        await A.SetAsync("k", "value"u8.ToArray(), NoEnd, Stop);
        _cluster.Advance(24 * 3600);
        Assert.NotNull(await A.GetAsync("k", Stop));
    }

    [Fact]
    public async Task Reads_renew_a_sliding_expiration_on_both_levels()
    {
        await A.SetAsync("k", "value"u8.ToArray(), Sliding(100), Stop);
        for (var read = 0; read < 10; read++)
        {
            _cluster.Advance(90);
            await Eventually.Holds("the value is renewed", () => A.Get("k") is not null && LeftOn(_cluster.A) > 120);
        }

        Assert.Equal("value", TextOf(await B.GetAsync("k", Stop)));
        Assert.True(LeftOn(_cluster.B) > 100, "The second level holds the value with the lifetime of the last renewal.");
    }

    [Fact]
    public async Task A_renewal_needs_no_slot_of_the_limit_of_loads()
    {
        await using var cluster = new TestCluster(1, static o => o.LoadLimit = new() { MaximumLoads = 1, MaximumWaiting = 0 });
        await cluster.A.Distributed.SetAsync("k", "value"u8.ToArray(), Sliding(100), Stop);
        var source = new GatedSource();
        var load = cluster.A.Cache.GetOrCreateAsync("other", source.ReadAsync, cancellationToken: Stop).AsTask();
        await source[1].BegunAsync();
        cluster.Advance(60);
        Assert.NotNull(await cluster.A.Distributed.GetAsync("k", Stop));
        await Eventually.Holds("the expiration is renewed", () => cluster.A.Cache.Inspect("k") is { ExpiresIn.TotalSeconds: > 90 });
        source[1].LetGo();
        await load;
    }

    [Fact]
    public async Task A_value_with_a_sliding_expiration_ends_after_a_time_without_reads()
    {
        await A.SetAsync("k", "value"u8.ToArray(), Sliding(100), Stop);
        _cluster.Advance(20);
        Assert.NotNull(await A.GetAsync("k", Stop)); // within the first quarter: no renewal
        _cluster.Advance(100);
        Assert.NotNull(await B.GetAsync("k", Stop)); // at most the period after the last read
        await Eventually.Holds("the value is renewed", () => LeftOn(_cluster.B) > 120);
        _cluster.Advance(126);
        Assert.Null(await A.GetAsync("k", Stop));
        Assert.Null(await B.GetAsync("k", Stop));
    }

    [Fact]
    public async Task A_sliding_expiration_does_not_pass_the_absolute_one()
    {
        var options = Sliding(100);
        options.AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(250);
        await A.SetAsync("k", "value"u8.ToArray(), options, Stop);
        for (var read = 0; read < 3; read++)
        {
            _cluster.Advance(80);
            A.Refresh("k");
            await Eventually.Holds("the renewal has ended", () => LeftOn(_cluster.A) >= Math.Min(125, 250 - (80 * (read + 1))) - 1);
        }

        Assert.NotNull(await A.GetAsync("k", Stop));
        _cluster.Advance(10);
        Assert.Null(await A.GetAsync("k", Stop));
    }

    [Fact]
    public async Task A_renewal_does_not_replace_a_newer_value_of_another_node()
    {
        await A.SetAsync("k", "old"u8.ToArray(), Sliding(100), Stop);
        _cluster.Advance(50);
        var hold = _cluster.A.Faults.HoldNext(ServerScript.GetOrLease);
        Assert.Equal("old", TextOf(await A.GetAsync("k", Stop))); // begins the renewal
        await hold.Reached.WaitAsync(Stop);
        await B.SetAsync("k", "new"u8.ToArray(), Sliding(100), Stop);
        hold.Release();
        await Eventually.Holds("the first node has the newer value", () => string.Equals(TextOf(A.Get("k")), "new", StringComparison.Ordinal), () => _cluster.Advance(.1));
        for (var turn = 0; turn < 20; turn++)
        {
            _cluster.Advance(.1);
            Assert.Equal("new", TextOf(await A.GetAsync("k", Stop)));
            Assert.Equal("new", TextOf(await B.GetAsync("k", Stop)));
        }
    }

    [Fact]
    public async Task A_renewal_of_a_value_that_was_replaced_before_it_began_stores_nothing()
    {
        var cache = _cluster.A.Cache;
        await A.SetAsync("k", "old"u8.ToArray(), Sliding(100), Stop);
        Assert.True(cache.TryGet("k", out Unstale.Distributed.ExpiringBytes old));
        await A.SetAsync("k", "new"u8.ToArray(), Sliding(100), Stop);
        var loads = cache.GetStatistics().Loads;
        cache.RenewBehind("k", old, TimeSpan.FromSeconds(125), TimeSpan.Zero);
        await Eventually.Holds("the renewal has run", () => cache.GetStatistics().Loads > loads);
        for (var turn = 0; turn < 40; turn++)
        {
            _cluster.Advance(.05);
            Assert.Equal("new", TextOf(await A.GetAsync("k", Stop)));
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Stop); // the renewal ends in the background
        }
    }

    [Fact]
    public async Task A_renewal_does_not_restore_a_removed_value()
    {
        await A.SetAsync("k", "old"u8.ToArray(), Sliding(100), Stop);
        _cluster.Advance(50);
        var hold = _cluster.A.Faults.HoldNext(ServerScript.GetOrLease, afterwards: true);
        Assert.NotNull(await A.GetAsync("k", Stop));
        await hold.Reached.WaitAsync(Stop);
        await B.RemoveAsync("k", Stop);
        hold.Release();
        await Eventually.Holds("the value is removed", () => A.Get("k") is null, () => _cluster.Advance(.1));
        _cluster.Advance(1);
        Assert.Null(await A.GetAsync("k", Stop));
        Assert.Null(await B.GetAsync("k", Stop));
    }

    [Fact]
    public async Task A_value_set_in_a_transaction_is_stored_at_once_and_survives_the_rollback()
    {
        using (new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            await A.SetAsync("k", "value"u8.ToArray(), NoEnd, Stop);
            Assert.NotNull(await A.GetAsync("k", Stop));
        }

        using (new TransactionScope())
            A.Set("thread", "value"u8.ToArray(), NoEnd);

        using (_cluster.A.Cache.BypassScope())
            Assert.NotNull(await A.GetAsync("k", Stop));
        Assert.NotNull(await A.GetAsync("thread", Stop));
    }

    [Fact]
    public async Task An_invalidation_of_the_key_removes_the_value()
    {
        await A.SetAsync("k", "value"u8.ToArray(), NoEnd, Stop);
        await _cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        Assert.Null(await A.GetAsync("k", Stop));
    }

    [Fact]
    public async Task Bad_arguments_are_refused_and_nothing_is_stored()
    {
        var past = new DistributedCacheEntryOptions { AbsoluteExpiration = _cluster.Clock.GetUtcNow() };
        var refused = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => A.SetAsync("k", [1], past, Stop));
        Assert.StartsWith("The value expires at ", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentNullException>(() => A.SetAsync("k", (byte[])null!, NoEnd, Stop));
        await Assert.ThrowsAsync<ArgumentNullException>(() => A.SetAsync("k", [1], null!, Stop));
        await Assert.ThrowsAsync<ArgumentNullException>(() => A.SetAsync(null!, [1], NoEnd, Stop));
        await Assert.ThrowsAsync<ArgumentNullException>(() => A.GetAsync(null!, Stop));
        await Assert.ThrowsAsync<ArgumentNullException>(() => A.RemoveAsync(null!, Stop));
        await Assert.ThrowsAsync<ArgumentException>(() => A.SetAsync(new string('k', 2_000), [1], NoEnd, Stop));
        Assert.Null(await A.GetAsync("k", Stop));
    }

    [Fact]
    public void Foreign_bytes_are_refused()
    {
        var serializer = new Unstale.Distributed.ExpiringBytesSerializer();
        Assert.Throws<InvalidDataException>(() => serializer.Deserialize(new ReadOnlySequence<byte>(new byte[15])));
        byte[] negative = [.. BitConverter.GetBytes(-1L), .. new byte[8]];
        Assert.Throws<InvalidDataException>(() => serializer.Deserialize(new ReadOnlySequence<byte>(negative)));
    }

    [Fact]
    public async Task The_services_are_those_of_the_default_cache_and_replace_earlier_ones()
    {
        var collection = new ServiceCollection().AddDistributedMemoryCache();
        collection.AddUnstale().AddDistributedCache();
        collection.AddUnstale("named").AddDistributedCache();
        await using var services = collection.BuildServiceProvider();
        var cache = services.GetRequiredService<IDistributedCache>();
        await cache.SetAsync("k", [7], Stop);
        Assert.Equal([7], services.GetRequiredService<IBufferDistributedCache>().Get("k")!);
        Assert.Null(services.GetRequiredKeyedService<IDistributedCache>("named").Get("k"));
        await services.GetRequiredService<HybridCache>().RemoveAsync("k", Stop);
        Assert.Null(cache.Get("k"));
    }

    private static DistributedCacheEntryOptions Sliding(double seconds) => new() { SlidingExpiration = TimeSpan.FromSeconds(seconds) };

    private static string? TextOf(byte[]? bytes) => bytes is null ? null : Encoding.UTF8.GetString(bytes);

    private static double LeftOn(ClusterNode node) => node.Cache.Inspect("k")?.ExpiresIn.TotalSeconds ?? 0;
}
