using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>Factories that ask the source only for a change of the previous value. An invalidated value is no previous value.</summary>
public sealed class ConditionalLoadTests : IAsyncDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly UnstaleEntryOptions Kept = new() { Expiration = Minute, FailSafeFor = 60 * Minute };

    private readonly CacheUnderTest _test = new();
    private int _loads;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task A_refresh_that_finds_no_change_renews_the_value()
    {
        var options = new UnstaleEntryOptions { Expiration = 10 * Minute, FreshFor = Minute };
        await ReadAsync(static _ => "v1", options);
        _test.Clock.Advance(2 * Minute);

        Assert.Equal(("v1", CacheOutcome.Stale), await ReadAsync(Unchanged, options));
        await Eventually.Holds("the refresh has renewed the value", () => _test.Cache.Inspect("k") is { State: EntryState.Live } entry && entry.ExpiresIn > 9.5 * Minute);

        Assert.Equal(("v1", CacheOutcome.Memory), await ReadAsync(static _ => "v2", options));
        Assert.Equal(2, _loads);
    }

    [Fact]
    public async Task A_load_after_the_expiration_finds_the_value_kept_by_the_fail_safe()
    {
        await ExpireAsync();
        Assert.Equal(("v1", CacheOutcome.Load), await ReadAsync(Unchanged, Kept));
        Assert.Equal(("v1", CacheOutcome.Memory), await ReadAsync(static _ => "v2", Kept));
    }

    [Fact]
    public async Task The_first_load_has_no_previous_value()
    {
        var found = true;
        await ReadAsync(context => (found = context.TryGetPrevious<string>(out _)) ? "?" : "v1", Kept);
        Assert.False(found);
    }

    [Theory]
    [InlineData("key")]
    [InlineData("tag")]
    [InlineData("pattern")]
    [InlineData("everything")]
    public async Task A_value_invalidated_before_the_load_is_no_previous_value(string by)
    {
        await ExpireAsync();
        await _test.InvalidateAsync(by);
        Assert.Equal(("v2", CacheOutcome.Load), await ReadAsync(UnchangedOr("v2"), Kept));
    }

    [Theory]
    [InlineData("key")]
    [InlineData("tag")]
    [InlineData("pattern")]
    [InlineData("everything")]
    public async Task A_value_invalidated_before_the_factory_looks_is_no_previous_value(string by)
    {
        await ExpireAsync();
        Assert.Equal("v2", await LoadAsync(async context =>
        {
            await _test.InvalidateAsync(by);
            return UnchangedOr("v2")(context);
        }));
    }

    [Theory]
    [InlineData("key")]
    [InlineData("tag")]
    [InlineData("pattern")]
    [InlineData("everything")]
    public async Task A_value_invalidated_after_the_factory_has_looked_is_not_stored_again(string by)
    {
        await ExpireAsync();
        var looked = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        var read = LoadAsync(async context =>
        {
            Assert.True(context.TryGetPrevious<string>(out _));
            looked.SetResult();
            await goOn.Task;
            return context.NotModified<string>();
        });
        await looked.Task;
        await _test.InvalidateAsync(by);
        var later = ReadAsync(static _ => "v2", Kept);
        goOn.SetResult();

        Assert.Equal("v1", await read);
        Assert.Equal("v2", (await later).Value);
        Assert.Equal(("v2", CacheOutcome.Memory), await ReadAsync(static _ => "v3", Kept));
    }

    [Fact]
    public async Task An_unchanged_value_keeps_the_tags_that_its_factory_had_added()
    {
        await ReadAsync(static context => With(context, "found", "v1"), Kept);
        _test.Clock.Advance(2 * Minute);
        await ReadAsync(Unchanged, Kept);

        await _test.Invalidator.InvalidateTagAsync("found", cancellationToken: Stop);

        Assert.Equal(("v2", CacheOutcome.Load), await ReadAsync(UnchangedOr("v2"), Kept));
    }

    [Fact]
    public async Task An_unchanged_value_keeps_the_values_that_it_was_made_from()
    {
        await LoadAsync(async _ => $"made of {await _test.Cache.GetOrCreateAsync("part", static _ => new ValueTask<int>(1), cancellationToken: Stop)}");
        _test.Clock.Advance(2 * Minute);
        Assert.Equal("made of 1", (await ReadAsync(Unchanged, Kept)).Value);

        await _test.Invalidator.InvalidateKeyAsync("part", cancellationToken: Stop);

        Assert.Equal(("made of 2", CacheOutcome.Load), await ReadAsync(UnchangedOr("made of 2"), Kept));
    }

    [Fact]
    public async Task A_changed_value_does_not_keep_the_tags_of_the_previous_one()
    {
        await ReadAsync(static context => With(context, "found", "v1"), Kept);
        _test.Clock.Advance(2 * Minute);
        await ReadAsync(static context => context.TryGetPrevious<string>(out _) ? "v2" : "?", Kept);

        await _test.Invalidator.InvalidateTagAsync("found", cancellationToken: Stop);

        Assert.Equal(("v2", CacheOutcome.Memory), await ReadAsync(static _ => "v3", Kept));
    }

    [Fact]
    public async Task The_factory_receives_a_copy_of_a_mutable_value()
    {
        await _test.Cache.GetOrCreateAsync("list", static (_, _) => new ValueTask<List<int>>([1]), Kept, cancellationToken: Stop);
        _test.Clock.Advance(2 * Minute);
        var read = await _test.Cache.GetOrCreateAsync("list", static (context, _) =>
        {
            Assert.True(context.TryGetPrevious<List<int>>(out var previous));
            previous.Add(2);
            return new ValueTask<List<int>>(context.NotModified<List<int>>());
        }, Kept, cancellationToken: Stop);
        Assert.Equal([1], read);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Not_modified_without_a_previous_value_of_the_type_is_refused(bool hasOtherType)
    {
        if (hasOtherType)
            await ExpireAsync();
        await ReadAsync(
            static context =>
            {
                Assert.False(context.TryGetPrevious<byte[]>(out _));
                var refused = Assert.Throws<InvalidOperationException>(() => context.NotModified<string>());
                Assert.Equal("The factory of 'k' has found no previous value of this type. Call TryGetPrevious first, and NotModified only if it returned true.", refused.Message);
                return "v2";
            },
            new UnstaleEntryOptions { Expiration = Minute });
        Assert.Equal(("v2", CacheOutcome.Memory), await ReadAsync(static _ => "v3", Kept));
    }

    [Fact]
    public async Task A_context_whose_factory_has_ended_is_refused()
    {
        await ExpireAsync();
        LoadContext? ended = null;
        await ReadAsync(context => Unchanged(ended = context), Kept);
        Assert.Throws<InvalidOperationException>(() => ended!.TryGetPrevious<string>(out _));
        Assert.Throws<InvalidOperationException>(() => ended!.NotModified<string>());
    }

    [Fact]
    public async Task A_load_that_does_not_read_memory_has_no_previous_value()
    {
        await ExpireAsync();
        var read = await _test.Cache.GetOrCreateResultAsync(
            "k", (context, _) => new ValueTask<string>(UnchangedOr("v2")(context)), new UnstaleEntryOptions { Expiration = Minute, Flags = HybridCacheEntryFlags.DisableLocalCacheRead }, ["t"], Stop);
        Assert.Equal("v2", read.Value);
    }

    [Fact]
    public async Task A_load_past_the_cache_has_no_previous_value()
    {
        await ExpireAsync();
        using (_test.Cache.BypassScope())
            Assert.Equal("v2", (await ReadAsync(UnchangedOr("v2"), Kept)).Value);
    }

    [Fact]
    public async Task A_node_that_is_not_trusted_has_no_previous_value()
    {
        await using var cluster = new TestCluster(1, withRemote: false);
        await cluster.A.Cache.GetOrCreateAsync("k", static _ => new ValueTask<string>("v1"), Kept, cancellationToken: Stop);
        cluster.Advance(120);
        cluster.A.Faults.Refuses = static _ => true;
        cluster.Advance(6);
        Assert.False(cluster.A.IsTrusted);
        Assert.Equal("v2", await cluster.A.Cache.GetOrCreateAsync("k", static (context, _) => new ValueTask<string>(UnchangedOr("v2")(context)), Kept, cancellationToken: Stop));
    }

    private static string Unchanged(LoadContext context) => UnchangedOr("?")(context);

    private static Func<LoadContext, string> UnchangedOr(string changed) => context => context.TryGetPrevious<string>(out _) ? context.NotModified<string>() : changed;

    private static string With(LoadContext context, string tag, string value)
    {
        context.AddTag(tag);
        return value;
    }

    private async Task ExpireAsync()
    {
        Assert.Equal(("v1", CacheOutcome.Load), await ReadAsync(static _ => "v1", Kept));
        _test.Clock.Advance(2 * Minute);
    }

    private async Task<(string Value, CacheOutcome Outcome)> ReadAsync(Func<LoadContext, string> load, UnstaleEntryOptions options)
    {
        var result = await _test.Cache.GetOrCreateResultAsync("k", (context, _) =>
        {
            Interlocked.Increment(ref _loads);
            return new ValueTask<string>(load(context));
        }, options, ["t"], Stop);
        return (result.Value, result.Outcome);
    }

    private Task<string> LoadAsync(Func<LoadContext, Task<string>> load) =>
        _test.Cache.GetOrCreateAsync("k", (context, _) => new ValueTask<string>(load(context)), Kept, ["t"], Stop).AsTask();
}
