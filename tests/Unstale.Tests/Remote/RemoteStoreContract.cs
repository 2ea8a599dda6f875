using System.Text;
using Unstale.Log;
using Unstale.Remote;
using Unstale.Tests.Support;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Remote;

/// <summary>Contract of every second level. Derived classes connect to an empty one and to its log.</summary>
public abstract partial class RemoteStoreContract : IAsyncLifetime
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private Generation _generation;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>The store under test.</summary>
    private protected abstract IRemoteStore Store { get; }

    /// <summary>A session of the same node on the store's log.</summary>
    private protected abstract ILogSession Session { get; }

    /// <summary>Creates an empty store and a connected session.</summary>
    protected abstract ValueTask OpenAsync();

    /// <summary>Advances the store's time.</summary>
    protected abstract ValueTask PassAsync(TimeSpan time);

    /// <summary>Makes the log older than any late writer, so that no version is in doubt.</summary>
    protected abstract ValueTask KnowVersionsAsync();

    public async ValueTask InitializeAsync()
    {
        await OpenAsync();
        var reply = await TailAsync(Generation.None);
        if (reply.State == TailState.Broken)
        {
            await Session.CreateGenerationAsync(0, reply.Generation, Stop);
            reply = await TailAsync(Generation.None);
        }

        _generation = reply.Generation;
    }

    public abstract ValueTask DisposeAsync();

    [Fact]
    public async Task A_loaded_value_is_read_with_its_stamp_tags_and_lifetime()
    {
        var stamp = await InvalidateAsync(InvalidationTarget.ForKey("other"));
        Assert.True(await LoadAsync("k", "v", stamp, "t", "u"));
        await InvalidateAsync(InvalidationTarget.ForKey("other"));
        await PassAsync(TimeSpan.FromSeconds(20));
        var reply = await AskAsync("k");
        Assert.Equal(stamp + 1, reply.Sequence);
        Assert.Empty(reply.Selectors);
        foreach (var hit in new[] { reply.Hit!, (await ReadAsync("k"))! })
        {
            Assert.Equal("v", Text(hit));
            Assert.Equal(stamp, hit.Stamp);
            Assert.Equal(["t", "u"], hit.Tags);
            Assert.InRange(hit.Age, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(25));
            Assert.InRange(hit.Remaining, TimeSpan.FromSeconds(35), TimeSpan.FromSeconds(40));
        }
    }

    [Fact]
    public async Task The_content_version_travels_with_the_value_whether_it_is_loaded_or_set()
    {
        var lease = await LeaseAsync("k");
        Assert.True(await Store.StoreLoadedAsync(lease!, _generation, new RemoteValue("v"u8.ToArray(), 0, [], Minute) { ContentVersion = int.MaxValue }, Stop));
        Assert.Equal(int.MaxValue, (await GetAsync("k"))!.ContentVersion);
        Assert.True((await Store.SetAsync(0, Record(InvalidationTarget.ForKey("k")), _generation, "k", Value("v", 0) with { ContentVersion = 5 }, Stop)).Written);
        Assert.Equal(5, (await GetAsync("k"))!.ContentVersion);
        Assert.True(await LoadAsync("l", "v", 0));
        Assert.Equal(0, (await GetAsync("l"))!.ContentVersion);
    }

    [Fact]
    public async Task The_identity_travels_with_the_value_whether_it_is_loaded_or_set()
    {
        var lease = await LeaseAsync("k");
        Assert.True(await Store.StoreLoadedAsync(lease!, _generation, new RemoteValue("v"u8.ToArray(), 0, ["t"], Minute) { Identity = long.MinValue }, Stop));
        Assert.Equal(long.MinValue, (await GetAsync("k"))!.Identity);
        Assert.True((await Store.SetAsync(0, Record(InvalidationTarget.ForKey("k")), _generation, "k", Value("v", 0) with { Identity = -5 }, Stop)).Written);
        Assert.Equal(-5, (await GetAsync("k"))!.Identity);
    }

    [Fact]
    public async Task A_value_expires()
    {
        await LoadAsync("k", "v", 0);
        await PassAsync(Minute);
        Assert.Null(await GetAsync("k"));
        Assert.Null(await ReadAsync("k"));
    }

    [Fact]
    public async Task A_read_of_an_absent_key_returns_null()
    {
        Assert.Null(await GetAsync("k"));
        Assert.Null(await ReadAsync("k"));
    }

    [Fact]
    public async Task Another_generation_reads_nothing_and_gets_no_lease()
    {
        await LoadAsync("k", "v", 0);
        Assert.Null(await Store.GetAsync(0, "k", Generation.Create(), Stop));
        Assert.Equal(RemoteReply.Neither, await Store.GetOrLeaseAsync(0, "k", Generation.Create(), new RemoteRequest(RemoteRequestKind.ValueOrLease, Minute), Stop));
        Assert.Equal(RemoteReply.Neither, await Store.GetOrLeaseAsync(0, "k2", Generation.Create(), new RemoteRequest(RemoteRequestKind.Lease, Minute), Stop));
        var lease = await LeaseAsync("k3");
        Assert.False(await Store.StoreLoadedAsync(lease!, Generation.Create(), Value("v", 0), Stop));
    }

    public static TheoryData<string> Killers => ["key", "tag", "everything"];

    [Theory]
    [MemberData(nameof(Killers))]
    public async Task A_read_of_an_invalidated_value_returns_null(string by)
    {
        await LoadAsync("k", "v", 0, "t");
        await InvalidateAsync(TargetOf(by));
        Assert.Null(await GetAsync("k"));
    }

    [Fact]
    public async Task An_unrelated_invalidation_does_not_remove_a_value()
    {
        await LoadAsync("k", "v", 0, "t");
        await InvalidateAsync(InvalidationTarget.ForKey("k1"));
        await InvalidateAsync(InvalidationTarget.ForTag("T"));
        Assert.NotNull(await GetAsync("k"));
    }

    [Fact]
    public async Task Patterns_and_all_ofs_above_a_value_are_listed_for_the_node_to_match()
    {
        await InvalidateAsync(InvalidationTarget.ForPattern(new GlobPattern("before*")));
        await LoadAsync("k", "v", 1);
        InvalidationTarget[] after =
        [
            InvalidationTarget.ForPattern(new GlobPattern("x*")), InvalidationTarget.ForPattern(new RegexPattern("y.*")), InvalidationTarget.ForAllOf(["a", "b"]),
        ];
        foreach (var target in after)
            await InvalidateAsync(target);
        Assert.Equal(after, (await AskAsync("k")).Selectors);
    }

    [Fact]
    public async Task More_patterns_than_can_be_listed_are_everything()
    {
        await LoadAsync("k", "v", 0);
        for (var i = 0; i < 64; i++)
            await InvalidateAsync(InvalidationTarget.ForPattern(new GlobPattern($"x{i}*")));
        Assert.Equal(64, (await AskAsync("k")).Selectors.Count);
        await InvalidateAsync(InvalidationTarget.ForPattern(new GlobPattern("one more*")));
        Assert.Null(await GetAsync("k"));
    }

    [Fact]
    public async Task Only_one_reader_at_a_time_holds_the_lease_of_a_key()
    {
        var lease = await LeaseAsync("k");
        Assert.NotNull(lease);
        Assert.Null(await LeaseAsync("k"));
        Assert.NotNull(await LeaseAsync("another"));
        await Store.ReleaseAsync(lease, Stop);
        Assert.NotNull(await LeaseAsync("k"));
    }

    [Fact]
    public async Task A_lease_ends_after_its_lifetime()
    {
        var old = await LeaseAsync("k");
        await PassAsync(Minute);
        var lease = await LeaseAsync("k");
        Assert.NotNull(lease);
        Assert.False(await Store.StoreLoadedAsync(old!, _generation, Value("old", 0), Stop));
        await Store.ReleaseAsync(old!, Stop);
        Assert.True(await Store.StoreLoadedAsync(lease, _generation, Value("new", 0), Stop));
        Assert.Equal("new", Text((await GetAsync("k"))!));
    }

    [Fact]
    public async Task A_renewed_lease_keeps_its_position_in_the_log()
    {
        var lease = await LeaseAsync("k");
        await PassAsync(TimeSpan.FromSeconds(40));
        Assert.True(await Store.RenewAsync(lease!, Minute, Stop));
        await PassAsync(TimeSpan.FromSeconds(40));
        Assert.Null(await LeaseAsync("k"));
        await InvalidateAsync(InvalidationTarget.ForKey("other"));
        Assert.True(await Store.RenewAsync(lease!, Minute, Stop));
        Assert.False(await Store.StoreLoadedAsync(lease!, _generation, Value("of a later stamp", 1), Stop));
        Assert.True(await Store.StoreLoadedAsync(lease!, _generation, Value("v", 0), Stop));
    }

    [Fact]
    public async Task A_lease_that_has_ended_or_was_granted_again_is_not_renewed()
    {
        var old = await LeaseAsync("k");
        await PassAsync(Minute);
        Assert.False(await Store.RenewAsync(old!, Minute, Stop));
        Assert.NotNull(await LeaseAsync("k", TimeSpan.FromSeconds(20)));
        Assert.False(await Store.RenewAsync(old!, Minute, Stop));
        await PassAsync(TimeSpan.FromSeconds(20));
        var third = await LeaseAsync("k");
        Assert.NotNull(third);
        await InvalidateAsync(InvalidationTarget.ForKey("k"));
        Assert.False(await Store.RenewAsync(third, Minute, Stop));
        Assert.NotNull(await LeaseAsync("k"));
    }

    [Fact]
    public async Task A_dropped_lease_removes_the_value_of_its_key_unless_the_lease_has_ended()
    {
        await LoadAsync("k", "old", 0);
        var lost = await LeaseAsync("k");
        await SetAsync("k", "set", 0);
        await Store.DropAsync(lost!, Stop);
        Assert.Equal("set", Text((await GetAsync("k"))!));
        var lease = await LeaseAsync("k");
        await Store.DropAsync(lost!, Stop);
        Assert.NotNull(await GetAsync("k"));
        await Store.DropAsync(lease!, Stop);
        Assert.Null(await GetAsync("k"));
        Assert.NotNull(await LeaseAsync("k"));
    }

    [Fact]
    public async Task A_load_ends_its_lease()
    {
        var lease = await LeaseAsync("k");
        Assert.True(await Store.StoreLoadedAsync(lease!, _generation, Value("v", 0), Stop));
        Assert.False(await Store.StoreLoadedAsync(lease!, _generation, Value("again", 0), Stop));
        Assert.NotNull(await LeaseAsync("k"));
    }

    [Fact]
    public async Task An_invalidation_of_the_key_ends_its_lease()
    {
        var lease = await LeaseAsync("k");
        await InvalidateAsync(InvalidationTarget.ForKey("k"));
        Assert.False(await Store.StoreLoadedAsync(lease!, _generation, Value("v", 1), Stop));
        Assert.Null(await GetAsync("k"));
        Assert.NotNull(await LeaseAsync("k"));
    }

    public static TheoryData<string> Refusers => ["tag", "glob", "foreign glob", "regex", "all of", "everything"];

    [Theory]
    [MemberData(nameof(Refusers))]
    public async Task A_loaded_value_with_a_stamp_below_an_invalidation_is_refused(string by)
    {
        var lease = await LeaseAsync("k");
        await InvalidateAsync(TargetOf(by));
        Assert.False(await Store.StoreLoadedAsync(lease!, _generation, Value("v", 0, "t"), Stop));
        Assert.Null(await GetAsync("k"));
    }

    [Fact]
    public async Task A_value_with_a_stamp_above_the_position_of_its_lease_is_refused()
    {
        var lease = await LeaseAsync("k");
        Assert.Equal(0, lease!.Sequence);
        await InvalidateAsync(InvalidationTarget.ForKey("other"));
        Assert.False(await Store.StoreLoadedAsync(lease, _generation, Value("v", 1), Stop));
    }

    [Fact]
    public async Task A_set_appends_its_record_and_stores_the_value_as_of_it()
    {
        await LoadAsync("k", "old", 0);
        var lease = await LeaseAsync("k");
        var reply = await SetAsync("k", "v", 0, "t");
        Assert.Equal((true, 1L, _generation), (reply.Written, reply.Append.Sequence, reply.Append.Generation));
        var hit = await GetAsync("k");
        Assert.Equal(("v", 1L), (Text(hit!), hit!.Stamp));
        Assert.False(await Store.StoreLoadedAsync(lease!, _generation, Value("late", 0), Stop));
        Assert.Equal("k", (await TailAsync(_generation)).Records.Single().Record.Targets[0].Text);
    }

    [Theory]
    [MemberData(nameof(Refusers))]
    public async Task A_set_with_a_stamp_below_an_invalidation_only_invalidates(string by)
    {
        await LoadAsync("k", "old", 0);
        await InvalidateAsync(TargetOf(by));
        var reply = await SetAsync("k", "v", 0, "t");
        Assert.Equal((false, 2L), (reply.Written, reply.Append.Sequence));
        Assert.Null(await GetAsync("k"));
    }

    [Fact]
    public async Task A_set_of_another_generation_only_invalidates()
    {
        await LoadAsync("k", "old", 0);
        var reply = await Store.SetAsync(0, Record(InvalidationTarget.ForKey("k")), Generation.Create(), "k", Value("v", 0), Stop);
        Assert.False(reply.Written);
        Assert.Equal(1, reply.Append.Sequence);
        Assert.Null(await GetAsync("k"));
    }

    [Fact]
    public async Task A_value_is_invalidated_by_a_key_from_which_it_was_derived()
    {
        Assert.True(await LoadAsync("k", "v", 0, "t", DependencyTag.ForKey("base"), DependencyTag.ForKey("other")));
        Assert.True(await LoadAsync("plain", "v", 0, "base"));
        await InvalidateAsync(InvalidationTarget.ForKey("bases"));
        Assert.Equal(["t", DependencyTag.ForKey("base"), DependencyTag.ForKey("other")], (await GetAsync("k"))!.Tags);
        await InvalidateAsync(InvalidationTarget.ForKey("base"));
        Assert.Null(await GetAsync("k"));
        Assert.NotNull(await GetAsync("plain"));
        Assert.False(await LoadAsync("k2", "v", 1, DependencyTag.ForKey("base")));
        Assert.Equal(3, (await SetAsync("base", "v", 2)).Append.Sequence);
        Assert.False((await SetAsync("k", "v", 2, DependencyTag.ForKey("base"))).Written);
        Assert.True((await SetAsync("k", "v", 4, DependencyTag.ForKey("base"))).Written);
    }

    [Fact]
    public async Task A_record_of_direct_dependents_invalidates_derived_values_and_no_declared_dependents()
    {
        Assert.True(await LoadAsync("made", "v", 0, DependencyTag.ForKey("base")));
        Assert.True(await LoadAsync("declared", "v", 0, DependencyTag.ForDeclaredKey("base")));
        var record = new InvalidationRecord(77, InvalidationTarget.ForKey("base"), new RecordOrigin("node", "contract"), DateTimeOffset.UnixEpoch) { Flags = RecordFlags.DirectDependents };
        await Session.AppendAsync(0, record, Stop);
        Assert.Null(await GetAsync("made"));
        Assert.NotNull(await GetAsync("declared"));
        Assert.False(await LoadAsync("older", "v", 0, DependencyTag.ForKey("base")));
        Assert.True(await LoadAsync("newer", "v", 1, DependencyTag.ForKey("base")));
        await InvalidateAsync(InvalidationTarget.ForKey("base"));
        Assert.Null(await GetAsync("newer"));
        Assert.Null(await GetAsync("declared"));
    }

    [Theory]
    [InlineData("key")]
    [InlineData("tag")]
    [InlineData("glob")]
    public async Task A_value_that_depends_on_any_record_is_invalidated_by_the_next_record(string kind)
    {
        await InvalidateAsync(TargetOf(kind));
        Assert.False(await LoadAsync("any", "v", 0, "x", DependencyTag.AnyRecord));
        Assert.True(await LoadAsync("any2", "v", 1, "x", DependencyTag.AnyRecord));
        Assert.Equal(["x", DependencyTag.AnyRecord], (await GetAsync("any2"))!.Tags);
        await InvalidateAsync(TargetOf(kind));
        Assert.Null(await GetAsync("any2"));
    }

    [Fact]
    public async Task A_key_invalidated_before_any_value_depended_on_it_refuses_older_derived_values()
    {
        await InvalidateAsync(InvalidationTarget.ForKey("base"));
        Assert.False(await LoadAsync("k", "v", 0, DependencyTag.ForKey("base")));
        Assert.True(await LoadAsync("k1", "v", 1, DependencyTag.ForKey("base")));
    }

    private static InvalidationTarget TargetOf(string kind) => kind switch
    {
        "key" => InvalidationTarget.ForKey("k"),
        "tag" => InvalidationTarget.ForTag("t"),
        "glob" => InvalidationTarget.ForPattern(new GlobPattern("k*")),
        "foreign glob" => InvalidationTarget.ForPattern(new GlobPattern("x*")),
        "regex" => InvalidationTarget.ForPattern(new RegexPattern("k")),
        "all of" => InvalidationTarget.ForAllOf(["t", "u"]),
        _ => InvalidationTarget.Everything,
    };

    private static InvalidationRecord Record(InvalidationTarget target) =>
        new(Random.Shared.NextInt64(1, long.MaxValue), target, new RecordOrigin("node", "contract"), DateTimeOffset.UnixEpoch);

    private static RemoteValue Value(string text, long stamp, params string[] tags) => new(Encoding.UTF8.GetBytes(text), stamp, tags, Minute);

    private static string Text(RemoteHit hit) => Encoding.UTF8.GetString(hit.Payload.Span);

    private async Task<long> InvalidateAsync(InvalidationTarget target) => (await Session.AppendAsync(0, Record(target), Stop)).Sequence;

    private async Task<TailReply> TailAsync(Generation generation) => await Session.TailAsync(new TailRequest(0, generation, 0, 0, 0, 0), Stop);

    /// <summary>Reads a value judged by the server.</summary>
    private async Task<RemoteHit?> GetAsync(string key) => (await AskAsync(key)).Hit;

    /// <summary>Reads a value as stored.</summary>
    private async Task<RemoteHit?> ReadAsync(string key) => await Store.GetAsync(0, key, _generation, Stop);

    private async Task<RemoteReply> AskAsync(string key, RemoteRequestKind kind = RemoteRequestKind.Value, RemoteHit? except = null) =>
        await Store.GetOrLeaseAsync(0, key, _generation, new RemoteRequest(kind, Minute, except), Stop);

    private async Task<RemoteLease?> LeaseAsync(string key, TimeSpan? life = null) =>
        (await Store.GetOrLeaseAsync(0, key, _generation, new RemoteRequest(RemoteRequestKind.Lease, life ?? Minute), Stop)).Lease;

    private async Task<RemoteSetReply> SetAsync(string key, string text, long stamp, params string[] tags) =>
        await Store.SetAsync(0, Record(InvalidationTarget.ForKey(key)), _generation, key, Value(text, stamp, tags), Stop);

    private async Task<bool> LoadAsync(string key, string text, long stamp, params string[] tags)
    {
        var lease = await LeaseAsync(key);
        return await Store.StoreLoadedAsync(lease!, _generation, Value(text, stamp, tags), Stop);
    }
}
