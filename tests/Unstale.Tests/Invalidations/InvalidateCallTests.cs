using Microsoft.Extensions.DependencyInjection;
using Unstale.Log;
using Unstale.Tests.Log;
using Xunit;

namespace Unstale.Tests.Invalidations;

/// <summary>Names passed to <see cref="IInvalidator"/> and the resulting records.</summary>
public sealed class InvalidateCallTests : IAsyncDisposable
{
    private readonly InProcessLog _log = new();
    private readonly RecordingObserver _observer = new();
    private readonly CacheUnderTest _test;

    public InvalidateCallTests()
    {
        _ = _log.Open(_observer);
        _test = new CacheUnderTest(services: s => s.AddKeyedSingleton<IInvalidationLog>("default", _log));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private IInvalidator Invalidator => _test.Invalidator;

    private IEnumerable<string> Records => _observer.Pushes.Select(p => string.Join(' ', p.Record.Record.Targets.ToArray()));

    private IEnumerable<string?> Reasons => _observer.Pushes.Select(p => p.Record.Record.Reason);

    public async ValueTask DisposeAsync()
    {
        await _test.DisposeAsync();
        await _log.DisposeAsync();
    }

    [Fact]
    public async Task Keys_tags_and_patterns_of_one_call_are_one_record_each_named_once()
    {
        var receipt = await Invalidator.InvalidateAsync(
            ["a", "b", "a"], ["t", "a", "t"], [new GlobPattern("x*"), new RegexPattern("x*"), new GlobPattern("x*")], reason: "why", cancellationToken: Stop);
        Assert.Equal("Key a Key b Tag t Tag a Glob x* Regex x*", Assert.Single(Records));
        Assert.Equal("why", Assert.Single(Reasons));
        Assert.Equal(1, receipt.Position.Sequence);
    }

    [Fact]
    public async Task Each_invalidating_call_of_the_cache_appends_a_record_of_its_targets()
    {
        await _test.Cache.RemoveAsync("k", Stop);
        await _test.Cache.RemoveAsync(["k", "l"], Stop);
        await _test.Cache.RemoveByTagAsync("t", Stop);
        await _test.Cache.RemoveByTagAsync(["t", "u"], Stop);
        await _test.Cache.RemoveByTagAsync("*", Stop);
        await _test.Cache.RemoveByTagAsync(["t", "*"], Stop);
        await _test.Cache.SetAsync("k", 1, cancellationToken: Stop);
        Assert.Equal(["Key k", "Key k Key l", "Tag t", "Tag t Tag u", "everything", "Tag t everything", "Key k"], Records);
        Assert.Equal("set", Reasons.Last());
    }

    [Fact]
    public async Task A_change_raises_the_resource_and_the_entity()
    {
        await Invalidator.ChangedAsync("user", "123", ChangeOperation.Delete, cancellationToken: Stop);
        await Invalidator.ChangedAsync("user", 456, fields: ["name", "mail"], cancellationToken: Stop);
        await Invalidator.ChangedAsync("user", null, ChangeOperation.Create, cancellationToken: Stop);
        await Invalidator.ChangedAsync("user", "123", scope: ChangeScope.Entity, cancellationToken: Stop);
        Assert.Equal(["Tag user Tag user:123", "Tag user Tag user:456", "Tag user", "Tag user:123"], Records);
        Assert.Equal(["Delete user 123", "Update user 456 (name, mail)", "Create user", "Update user 123"], Reasons);
    }

    [Fact]
    public async Task A_change_invalidates_the_bare_tag_unless_its_scope_is_the_entity()
    {
        foreach (var (key, tag) in new[] { ("list", "user"), ("user:123", "user:123"), ("user:456", "user:456"), ("session", "user_session") })
            await _test.Cache.SetAsync(key, key, tags: [tag], cancellationToken: Stop);
        await Invalidator.ChangedAsync("user", "123", scope: ChangeScope.Entity, cancellationToken: Stop);
        Assert.Equal("list user:456 session", Held());
        await Invalidator.ChangedAsync("user", "999", cancellationToken: Stop);
        Assert.Equal("user:456 session", Held());

        string Held() => string.Join(' ', new[] { "list", "user:123", "user:456", "session" }.Where(k => _test.Cache.TryGet(k, out string _)));
    }

    [Fact]
    public async Task A_large_event_is_several_records_under_one_receipt()
    {
        string[] keys = [.. Enumerable.Range(0, 1_200).Select(i => $"k{i}")];
        foreach (var key in keys.Append("other"))
            await _test.Cache.SetAsync(key, 1, cancellationToken: Stop);
        _observer.Pushes.Clear();
        var receipt = await Invalidator.InvalidateAsync(keys, reason: "import", cancellationToken: Stop);

        Assert.Equal([500, 500, 200], _observer.Pushes.Select(p => p.Record.Record.Targets.Length));
        Assert.Equal(["import", "import", "import"], Reasons);
        Assert.Equal(_observer.Sequences[^1], receipt.Position.Sequence);
        Assert.Equal((ReceiptState.Applied, 1_200), (receipt.State, receipt.LocalEntriesRemoved));
        Assert.Equal(1_200, await receipt.WaitForReclaimAsync(Stop));
        Assert.Equal(1, _test.Cache.GetStatistics().Entries);
    }

    [Fact]
    public async Task A_large_event_of_tags_is_swept_as_one()
    {
        string[] tags = [.. Enumerable.Range(0, 1_200).Select(i => $"t{i}")];
        foreach (var tag in tags.Append("other"))
            await _test.Cache.SetAsync(tag, 1, tags: [tag], cancellationToken: Stop);
        var receipt = await Invalidator.InvalidateAsync(tags: tags, cancellationToken: Stop);
        _test.Sweep();
        Assert.Equal((0, 1_200), (receipt.LocalEntriesRemoved, await receipt.WaitForReclaimAsync(Stop)));
    }

    [Fact]
    public async Task More_than_10000_names_in_a_call_invalidate_everything()
    {
        await _test.Cache.SetAsync("other", 1, cancellationToken: Stop);
        await Invalidator.InvalidateAsync(Enumerable.Range(0, 10_000).Select(i => $"k{i}"), cancellationToken: Stop);
        Assert.True(_test.Cache.TryGet("other", out int _));
        _observer.Pushes.Clear();
        var receipt = await Invalidator.InvalidateAsync(Enumerable.Range(0, 20_000).Select(i => $"k{i}"), cancellationToken: Stop);
        Assert.Equal("everything", Assert.Single(Records));
        Assert.False(_test.Cache.TryGet("other", out int _));
        _test.Sweep();
        Assert.Equal(1, await receipt.WaitForReclaimAsync(Stop));
    }

    [Theory]
    [InlineData('a', 512, 512)]
    [InlineData('a', 513, 512)]
    [InlineData('ä', 256, 256)]
    [InlineData('ä', 300, 256)]
    [InlineData('€', 300, 170)]
    public async Task A_reason_is_cut_at_512_bytes(char c, int given, int kept)
    {
        await Invalidator.InvalidateKeyAsync("k", new string(c, given), Stop);
        await Invalidator.InvalidateAsync(["k", "l"], reason: new string(c, given), cancellationToken: Stop);
        Assert.Equal([new string(c, kept), new string(c, kept)], Reasons);
    }

    [Fact]
    public async Task A_reason_is_never_cut_within_a_character()
    {
        await Invalidator.InvalidateKeyAsync("k", "a" + string.Concat(Enumerable.Repeat("😀", 200)), Stop);
        Assert.Equal("a" + string.Concat(Enumerable.Repeat("😀", 127)), Assert.Single(Reasons));
    }

    [Fact]
    public async Task Half_a_character_in_a_reason_is_replaced()
    {
        await Invalidator.InvalidateKeyAsync("k", "a\uD83Db 😀", Stop);
        Assert.Equal("a\uFFFDb 😀", Assert.Single(Reasons));
    }

    [Fact]
    public async Task A_record_contains_its_origin_and_time()
    {
        _test.Clock.Advance(TimeSpan.FromSeconds(5));
        await Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        await Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        var records = _observer.Pushes.Select(p => p.Record.Record).ToList();
        Assert.Equal(_test.Clock.GetUtcNow(), records[0].Time);
        Assert.Equal(records[0].Origin, records[1].Origin);
        Assert.NotEqual(records[0].Id, records[1].Id);
        Assert.NotEmpty(records[0].Origin.Node);
        Assert.NotEmpty(records[0].Origin.Service);
    }

    [Fact]
    public async Task An_invalidation_reaches_another_node_over_the_same_log()
    {
        await using var other = new CacheUnderTest(services: s => s.AddKeyedSingleton<IInvalidationLog>("default", _log));
        await other.Cache.SetAsync("k", 1, tags: ["t"], cancellationToken: Stop);
        await Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        Assert.False(other.Cache.TryGet("k", out int _));
    }
}
