using Unstale.Log;
using Unstale.Remote;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Remote;

/// <content>Values with a version of the source.</content>
public abstract partial class RemoteStoreContract
{
    [Fact]
    public async Task Of_two_versions_the_newer_wins_whatever_their_order()
    {
        await KnowVersionsAsync();
        Assert.True((await WriteAsync("a", 1)).Written);
        Assert.True((await WriteAsync("a", 2)).Written);
        Assert.Equal("2", Text((await GetAsync("a"))!));
        Assert.True((await WriteAsync("b", 2)).Written);
        var late = await WriteAsync("b", 1);
        Assert.Equal((VersionState.Superseded, 3L, 3L, _generation), (late.Append.Version, late.Append.Sequence, late.Append.Newest, late.Append.Generation));
        Assert.Equal("2", Text((await GetAsync("b"))!));
        Assert.Equal(3, (await TailAsync(_generation)).Sequence);
    }

    [Fact]
    public async Task A_write_with_the_stored_version_is_superseded()
    {
        await KnowVersionsAsync();
        await WriteAsync("k", 7);
        await InvalidateAsync(InvalidationTarget.ForKey("other"));
        var again = await WriteAsync("k", 7);
        Assert.Equal((VersionState.Superseded, 1L, 2L), (again.Append.Version, again.Append.Sequence, again.Append.Newest));
        Assert.Equal(("7", 1L), (Text((await GetAsync("k"))!), (await GetAsync("k"))!.Stamp));
    }

    [Fact]
    public async Task Neither_an_invalidation_nor_a_set_resets_the_stored_version()
    {
        await KnowVersionsAsync();
        await WriteAsync("k", 5);
        await InvalidateAsync(InvalidationTarget.ForKey("k"));
        Assert.Equal(VersionState.Superseded, (await WriteAsync("k", 4)).Append.Version);
        Assert.True((await SetAsync("k", "set", 2)).Written);
        Assert.Equal(VersionState.Superseded, (await WriteAsync("k", 5)).Append.Version);
        Assert.Equal("set", Text((await GetAsync("k"))!));
        Assert.True((await WriteAsync("k", 6, 3)).Written);
        Assert.Equal("6", Text((await GetAsync("k"))!));
    }

    [Fact]
    public async Task In_a_new_history_a_version_only_invalidates_and_stays_in_doubt()
    {
        Assert.False((await WriteAsync("k", 8)).Written);
        Assert.Equal(VersionState.Superseded, (await WriteAsync("k", 7)).Append.Version);
        var next = await WriteAsync("k", 9, 1);
        Assert.Equal((false, 2L), (next.Written, next.Append.Sequence));
        Assert.Null(await GetAsync("k"));
    }

    [Fact]
    public async Task A_record_of_a_version_without_its_value_supersedes_older_versions()
    {
        await KnowVersionsAsync();
        await WriteAsync("k", 1);
        await Session.AppendAsync(0, Reported("k", 3), Stop);
        Assert.Null(await GetAsync("k"));
        Assert.Equal((VersionState.Superseded, 2L), ((await WriteAsync("k", 2, 2)).Append.Version, (await WriteAsync("k", 3, 2)).Append.Sequence));
        await Session.AppendAsync(0, Reported("k", 2), Stop);
        Assert.Equal(VersionState.Superseded, (await WriteAsync("k", 3, 3)).Append.Version);
        Assert.True((await WriteAsync("k", 4, 3)).Written);
    }

    [Fact]
    public async Task An_invalidation_of_everything_resets_the_stored_versions()
    {
        await KnowVersionsAsync();
        await WriteAsync("k", 1);
        await InvalidateAsync(InvalidationTarget.Everything);
        Assert.False((await WriteAsync("k", 2, 2)).Written);
        Assert.Null(await GetAsync("k"));
    }

    [Theory]
    [InlineData(long.MaxValue - 1, long.MaxValue)]
    [InlineData((1L << 53) + 1, (1L << 53) + 2)]
    [InlineData(9, 10)]
    [InlineData(255, 256)]
    [InlineData(9_999_999_999, 10_000_000_000)]
    public async Task Versions_are_compared_exactly(long older, long newer)
    {
        await KnowVersionsAsync();
        Assert.True((await WriteAsync("k", newer)).Written);
        Assert.Equal(VersionState.Superseded, (await WriteAsync("k", older)).Append.Version);
        Assert.True((await WriteAsync("l", older)).Written);
        Assert.True((await WriteAsync("l", newer)).Written);
    }

    [Theory]
    [MemberData(nameof(Refusers))]
    public async Task A_version_whose_value_is_refused_still_supersedes_older_versions(string by)
    {
        await KnowVersionsAsync();
        await InvalidateAsync(TargetOf(by));
        await KnowVersionsAsync();
        Assert.False((await WriteAsync("k", 2, 0)).Written);
        Assert.Equal(VersionState.Superseded, (await WriteAsync("k", 1, 2)).Append.Version);
    }

    [Fact]
    public async Task A_load_without_a_version_does_not_reset_the_stored_version()
    {
        await KnowVersionsAsync();
        await WriteAsync("k", 2);
        await InvalidateAsync(InvalidationTarget.ForKey("k"));
        await LoadAsync("k", "filled", 2);
        Assert.Equal(VersionState.Superseded, (await WriteAsync("k", 1, 2)).Append.Version);
        Assert.Equal("filled", Text((await GetAsync("k"))!));
    }

    [Fact]
    public async Task A_version_ends_the_lease_of_a_load_that_began_before_it()
    {
        await KnowVersionsAsync();
        var lease = await LeaseAsync("k");
        await WriteAsync("k", 2);
        Assert.False(await Store.StoreLoadedAsync(lease!, _generation, Value("old", 0), Stop));
        Assert.Equal("2", Text((await GetAsync("k"))!));
    }

    private static InvalidationRecord Reported(string key, long version) =>
        new(Random.Shared.NextInt64(1, long.MaxValue), InvalidationTarget.ForKey(key), new RecordOrigin("node", "contract"), DateTimeOffset.UnixEpoch)
        {
            Version = new KeyVersion("default", version),
        };

    /// <summary>Writes a value with its version.</summary>
    private async Task<RemoteSetReply> WriteAsync(string key, long version, long stamp = 0) =>
        await Store.SetAsync(0, Reported(key, version), _generation, key, Value($"{version}", stamp, "t", "u") with { Version = version }, Stop);
}
