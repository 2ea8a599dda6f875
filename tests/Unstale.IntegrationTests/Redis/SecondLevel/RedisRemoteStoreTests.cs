using System.Text;
using Unstale.IntegrationTests.Support;
using Unstale.Redis.Connection;
using Unstale.Redis.SecondLevel;
using Unstale.Remote;
using Xunit;

namespace Unstale.IntegrationTests.Redis.SecondLevel;

public sealed class RedisRemoteStoreTests : StoreTest
{
    private const int MiB = 1 << 20;

    [Fact]
    public async Task A_value_stored_by_one_process_is_read_by_another()
    {
        var other = await StartNodeAsync();
        Assert.True(await Node.LoadAsync("k", "filled", 0, ["t"]));
        Assert.Equal("filled", await other.GetAsync("k"));
        Assert.True((await other.SetAsync("k", "set", 0, ["t"])).Written);
        Assert.Equal("set", await Node.GetAsync("k"));
        await Node.InvalidateTagAsync("t");
        Assert.Null(await other.GetAsync("k"));
    }

    [Fact]
    public async Task The_second_level_is_not_used_before_the_log_has_reported_its_position()
    {
        Assert.True(await Node.LoadAsync("k", "v", 0));
        var lease = await Node.LeaseAsync("k2");
        await using var fresh = await StoreNode.ConnectAsync(Server);
        var store = fresh.Store;
        Assert.Null(await store.GetAsync(0, "k", Node.Generation, Stop));
        Assert.Equal(RemoteReply.Neither, await store.GetOrLeaseAsync(0, "k3", Node.Generation, new RemoteRequest(RemoteRequestKind.ValueOrLease, TimeSpan.FromMinutes(1)), Stop));
        Assert.False(await store.StoreLoadedAsync(lease!, Node.Generation, StoreNode.Value("v"u8.ToArray(), 0), Stop));
        await store.ReleaseAsync(lease!, Stop);
        var refused = await Assert.ThrowsAsync<NoConnectionException>(async () =>
            await store.SetAsync(0, StoreNode.Record(Unstale.Log.InvalidationTarget.ForKey("k")), Node.Generation, "k", StoreNode.Value("v"u8.ToArray(), 0), Stop));
        Assert.False(refused.OutcomeUnknown);
        Assert.Equal("0", await ControlAsync("seq"));
        Assert.True(await Node.LoadAsync(lease!, "v", 0));

        await fresh.PlaceAsync();
        Assert.Equal("v", await fresh.GetAsync("k"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Large_values_are_read_back_unchanged(bool isText)
    {
        var payload = new byte[16 * MiB];
        if (!isText)
            new Random(1).NextBytes(payload);

        var lease = await Node.LeaseAsync("filled");
        Assert.True(await Node.Store.StoreLoadedAsync(lease!, Node.Generation, StoreNode.Value(payload[..MiB], 0, "t"), Stop));
        Assert.True((await Node.Store.SetAsync(0, StoreNode.Record(Unstale.Log.InvalidationTarget.ForKey("set")), Node.Generation, "set", StoreNode.Value(payload, 0, "t"), Stop)).Written);
        Assert.True((await Node.HitAsync("filled"))!.Payload.Span.SequenceEqual(payload.AsSpan(0, MiB)));
        Assert.True((await Node.HitAsync("set"))!.Payload.Span.SequenceEqual(payload));
        Assert.Equal(!isText, (await Raw.BytesAsync(PlaceOf("filled"))).Length >= MiB);
    }

    [Fact]
    public async Task A_value_above_the_maximum_size_of_a_reply_is_refused_before_it_is_sent()
    {
        var link = Node.Session.Link;
        var payload = new byte[64 * MiB];
        var lease = await Node.LeaseAsync("k");
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await Node.Store.StoreLoadedAsync(lease!, Node.Generation, StoreNode.Value(payload, 0), Stop));
        Assert.Equal(
            "Cache default: a value of 67108864 bytes was not sent to Redis; the maximum is 66060288. "
            + "Store less under one key, or set MaximumPayloadBytes to this maximum to avoid the attempt.",
            refused.Message);
        Assert.Same(link, Node.Session.Link);
        Assert.True(await Node.LoadAsync(lease!, "small", 0));
    }

    [Fact]
    public async Task The_limit_is_that_of_the_value_with_its_tags()
    {
        var store = Node.StoreOf("small", new RedisStoreSettings { MaximumBytes = 1000 });
        Assert.True(await Node.LoadAsync("k", new string('x', 1000 - 140 - 2 - 3), 0, ["tag"], store));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Node.LoadAsync("k2", new string('x', 1000 - 140 - 2 - 3), 0, ["tags"], store));
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => Node.LoadAsync("k3", "v", 0, [.. Enumerable.Range(0, 4001).Select(i => $"{i}")], store));
        Assert.Equal("Cache small: a value of 4001 tags was not sent to Redis; the maximum is 4,000 tags of 65,535 bytes each. Use fewer or shorter tags.", refused.Message);
    }

    [Fact]
    public async Task A_value_with_the_maximum_number_of_tags_is_stored_and_invalidated_by_its_last_tag()
    {
        string[] tags = [.. Enumerable.Range(0, 4000).Select(i => $"{i}")];
        Assert.True(await Node.LoadAsync("k", "v", 0, tags));
        Assert.Equal(tags, (await Node.HitAsync("k"))!.Tags);
        await Node.InvalidateTagAsync("3999");
        Assert.Null(await Node.GetAsync("k"));
    }

    [Fact]
    public async Task Values_of_similar_cache_names_and_keys_are_stored_separately()
    {
        (string Cache, string Key)[] all = [("a", "b:k"), ("a:b", "k"), ("a%3Ab", "k"), ("a%", "3Ab:k"), ("a", "k"), ("größe", "k"), ("a b", "k"), ("a", "{x}:ctl"), ("a", "\n")];
        foreach (var (cache, key) in all)
        {
            Assert.True(await Node.LoadAsync(key, $"{cache}/{key}", 0, store: Node.StoreOf(cache)));
        }

        foreach (var (cache, key) in all)
        {
            Assert.Equal($"{cache}/{key}", await Node.GetAsync(key, Node.StoreOf(cache)));
        }
    }

    [Fact]
    public async Task A_key_is_invalidated_in_every_cache_of_the_log_together_with_its_leases()
    {
        var (one, two) = (Node.StoreOf("one:"), Node.StoreOf("two%"));
        Assert.True(await Node.LoadAsync("k", "1", 0, store: one));
        Assert.True((await Node.SetAsync("k", "2", 0, store: two)).Written);
        Assert.Null(await Node.GetAsync("k", one));
        Assert.Equal("2", await Node.GetAsync("k", two));
        var lease = await Node.LeaseAsync("k", one);
        await Node.InvalidateKeyAsync("k");
        Assert.Null(await Node.GetAsync("k", two));
        Assert.False(await Node.LoadAsync(lease!, "1", 2, store: one));
    }

    [Fact]
    public async Task Only_one_of_a_hundred_concurrent_requests_gets_the_lease()
    {
        var other = await StartNodeAsync();
        var leases = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => (i % 2 == 0 ? Node : other).LeaseAsync("k")));
        Assert.Single(leases, static lease => lease is not null);
    }

    [Fact]
    public async Task A_lease_of_a_dead_holder_is_granted_again_after_its_lifetime()
    {
        var dead = await Node.LeaseAsync("k", life: TimeSpan.FromMilliseconds(30));
        Unstale.Remote.RemoteLease? lease = null;
        await Eventually.TrueAsync("the lease is granted again", async () => (lease = await Node.LeaseAsync("k")) is not null);
        Assert.False(await Node.LoadAsync(dead!, "late", 0));
        Assert.True(await Node.LoadAsync(lease!, "v", 0));
        Assert.Equal("v", await Node.GetAsync("k"));
    }

    [Fact]
    public async Task A_set_that_only_invalidates_returns_the_position_of_its_record()
    {
        var before = await Node.InvalidateTagAsync("t");
        var reply = await Node.SetAsync("k", "v", 0, ["t"]);
        Assert.Equal((false, before + 1, Node.Generation), (reply.Written, reply.Append.Sequence, reply.Append.Generation));
        var next = await Node.SetAsync("k", "v", before + 1, ["t"]);
        Assert.True(next.Written);
        Assert.NotEqual(0, next.Append.PreviousId);
        Assert.NotEqual(reply.Append.PreviousId, next.Append.PreviousId);
    }

    [Fact]
    public async Task Listed_selectors_are_parsed_once_and_returned_with_every_older_value()
    {
        Assert.True(await Node.LoadAsync("k", "v", 0));
        await Node.InvalidateGlobAsync("x:*");
        await Node.InvalidateAsync(Unstale.Log.InvalidationTarget.ForAllOf(["größe", "a\"b,c"]));
        var (first, second) = (await Node.AskAsync("k", RemoteRequestKind.Value), await Node.AskAsync("k", RemoteRequestKind.Value));
        Assert.Equal(["Glob x:*", "AllOf a\"b,c,größe"], first.Selectors.Select(b => b.ToString()));
        Assert.Equal(["a\"b,c", "größe"], first.Selectors[1].Tags);
        Assert.Same(first.Selectors[0].Pattern, second.Selectors[0].Pattern);
        Assert.Equal(2, first.Sequence);
        Assert.Equal("v", Encoding.UTF8.GetString(second.Hit!.Payload.Span));
    }
}
