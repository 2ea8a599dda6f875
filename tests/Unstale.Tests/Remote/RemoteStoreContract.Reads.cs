using Unstale.Log;
using Unstale.Remote;
using Xunit;

namespace Unstale.Tests.Remote;

/// <content>Plain reads, values or leases in one step, and confirmations stored beside a value.</content>
public abstract partial class RemoteStoreContract
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_plain_read_returns_a_stored_value_whether_or_not_the_value_was_invalidated()
    {
        await LoadAsync("k", "v", 0, "t");
        foreach (var target in new[] { InvalidationTarget.ForTag("t"), InvalidationTarget.ForPattern(new GlobPattern("k*")), InvalidationTarget.Everything })
        {
            await InvalidateAsync(target);
            var hit = await ReadAsync("k");
            Assert.Equal(("v", 0L, 0L), (Text(hit!), hit!.Stamp, hit.Confirmed));
        }

        await InvalidateAsync(InvalidationTarget.ForKey("k"));
        Assert.Null(await ReadAsync("k"));
    }

    [Fact]
    public async Task A_plain_read_of_a_set_value_has_the_stamp_of_its_record()
    {
        await InvalidateAsync(InvalidationTarget.ForKey("other"));
        await SetAsync("k", "v", 1, "t");
        var hit = await ReadAsync("k");
        Assert.Equal(("v", 2L, 2L), (Text(hit!), hit!.Stamp, hit.Confirmed));
    }

    [Fact]
    public async Task A_lease_is_granted_only_for_a_key_without_a_value()
    {
        var first = await AskAsync("k", RemoteRequestKind.ValueOrLease);
        Assert.Null(first.Hit);
        Assert.Equal("k", first.Lease!.Key);
        Assert.Equal(RemoteReply.Neither, await AskAsync("k", RemoteRequestKind.ValueOrLease));
        Assert.True(await Store.StoreLoadedAsync(first.Lease, _generation, Value("v", 0, "t"), Stop));
        var second = await AskAsync("k", RemoteRequestKind.ValueOrLease);
        Assert.Equal(("v", null), (Text(second.Hit!), second.Lease));
        await InvalidateAsync(InvalidationTarget.ForTag("t"));
        var third = await AskAsync("k", RemoteRequestKind.ValueOrLease);
        Assert.Equal((null, 1L), (third.Hit, third.Lease!.Sequence));
    }

    [Fact]
    public async Task A_read_without_a_load_acquires_no_lease()
    {
        Assert.Equal(RemoteReply.Neither, await AskAsync("k"));
        Assert.NotNull(await LeaseAsync("k"));
        Assert.Equal(RemoteReply.Neither, await AskAsync("k"));
    }

    [Fact]
    public async Task A_lease_alone_is_granted_beside_a_value()
    {
        await LoadAsync("k", "v", 0);
        Assert.NotNull(await LeaseAsync("k"));
        Assert.Equal("v", Text((await AskAsync("k", RemoteRequestKind.ValueOrLease)).Hit!));
        Assert.Null(await LeaseAsync("k"));
    }

    [Fact]
    public async Task An_excluded_value_counts_as_absent_and_its_replacement_is_returned()
    {
        await LoadAsync("k", "old", 0);
        foreach (var unwanted in new[] { (await ReadAsync("k"))!, (await GetAsync("k"))! })
        {
            Assert.Equal(RemoteReply.Neither, await AskAsync("k", RemoteRequestKind.Value, unwanted));
            Assert.Equal("old", Text((await GetAsync("k"))!));
        }

        var old = await ReadAsync("k");
        var reply = await AskAsync("k", RemoteRequestKind.ValueOrLease, old);
        Assert.True(await Store.StoreLoadedAsync(reply.Lease!, _generation, Value("new", 0), Stop));
        Assert.Equal("new", Text((await AskAsync("k", RemoteRequestKind.ValueOrLease, old)).Hit!));
    }

    [Fact]
    public async Task A_value_found_valid_by_the_server_is_confirmed_as_of_the_newest_record_once_a_minute()
    {
        await LoadLongAsync("k", 0, "t");
        await InvalidateAsync(InvalidationTarget.ForTag("u"));
        Assert.NotNull(await GetAsync("k"));
        Assert.Equal(0, (await ReadAsync("k"))!.Confirmed); // the value was stored less than a minute ago
        await PassAsync(Minute);
        Assert.NotNull(await GetAsync("k"));
        await InvalidateAsync(InvalidationTarget.ForTag("u"));
        Assert.NotNull(await GetAsync("k"));
        var hit = await ReadAsync("k");
        Assert.Equal((0L, 1L), (hit!.Stamp, hit.Confirmed));
        Assert.InRange(hit.Remaining, TimeSpan.FromMinutes(58.5), TimeSpan.FromMinutes(59));
        await PassAsync(Minute);
        Assert.NotNull(await GetAsync("k"));
        Assert.Equal((0L, 2L), ((await ReadAsync("k"))!.Stamp, (await ReadAsync("k"))!.Confirmed));
        await InvalidateAsync(InvalidationTarget.ForTag("t"));
        Assert.Null(await GetAsync("k"));
        Assert.Equal(2, (await ReadAsync("k"))!.Confirmed);
    }

    [Fact]
    public async Task No_confirmation_is_stored_while_a_later_pattern_is_listed()
    {
        await InvalidateAsync(InvalidationTarget.ForPattern(new GlobPattern("before*")));
        await LoadLongAsync("k", 1);
        await InvalidateAsync(InvalidationTarget.ForTag("u"));
        await PassAsync(Minute);
        Assert.NotNull(await GetAsync("k"));
        Assert.Equal(2, (await ReadAsync("k"))!.Confirmed);
        await InvalidateAsync(InvalidationTarget.ForPattern(new GlobPattern("after*")));
        await PassAsync(Minute);
        Assert.NotNull(await GetAsync("k"));
        Assert.Equal(2, (await ReadAsync("k"))!.Confirmed);
    }

    private async Task LoadLongAsync(string key, long stamp, params string[] tags)
    {
        var lease = await LeaseAsync(key);
        Assert.True(await Store.StoreLoadedAsync(lease!, _generation, Value("v", stamp, tags) with { Expiration = Hour }, Stop));
    }
}
