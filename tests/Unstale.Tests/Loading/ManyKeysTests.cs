using System.Collections.Concurrent;
using System.Globalization;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>Reads of several keys: one call of the factory for all that is missing, each key with the checks of a load of its own.</summary>
public sealed class ManyKeysTests : IAsyncDisposable
{
    private readonly CacheUnderTest _test = new();
    private readonly ConcurrentQueue<string[]> _calls = new();
    private TaskCompletionSource? _gate;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task One_call_loads_all_missing_keys_and_stores_each()
    {
        await ReadAsync("1", "2");
        var all = Enumerable.Range(1, 102).Select(static id => id.ToString(CultureInfo.InvariantCulture)).ToArray();
        var values = await ReadAsync(all);
        Assert.Equal(102, values.Count);
        Assert.Equal(2, _calls.Count);
        Assert.Equal(100, _calls.Last().Length);
        Assert.Equal(102, (await ReadAsync(all)).Count);
        Assert.Equal(2, _calls.Count);
        Assert.True(_test.Cache.TryGet("57", out string value));
        Assert.Equal(("v57", 102), (value, _test.Cache.GetStatistics().Entries));
    }

    [Fact]
    public async Task Keys_without_a_value_are_absent_and_nothing_is_stored_for_them()
    {
        var values = await ReadAsync("1", "missing 2", "3");
        Assert.Equal(["1", "3"], values.Keys.Order(StringComparer.Ordinal));
        Assert.False(_test.Cache.TryGet("missing 2", out string _));
        await ReadAsync("missing 2");
        Assert.Equal(2, _calls.Count);
    }

    [Fact]
    public async Task Duplicates_are_read_once_and_no_keys_cause_no_call()
    {
        Assert.Single(await ReadAsync("1", "1", "1"));
        Assert.Equal(["1"], Assert.Single(_calls));
        Assert.Empty(await ReadAsync());
        Assert.Single(_calls);
    }

    [Theory]
    [InlineData("key")]
    [InlineData("tag")]
    [InlineData("everything")]
    public async Task An_invalidation_during_the_call_prevents_the_storage_of_the_keys_it_concerns_alone(string by)
    {
        var read = BeginAsync("1", "2");
        await InvalidateAsync(by, "1");
        _gate!.SetResult();
        Assert.Equal(2, (await read).Count);
        Assert.False(_test.Cache.TryGet("1", out string _));
        Assert.Equal(by != "everything", _test.Cache.TryGet("2", out string _));
    }

    [Fact]
    public async Task A_read_of_one_key_joins_the_call_and_a_second_call_loads_only_the_rest()
    {
        var first = BeginAsync("1", "2");
        var single = _test.Cache.GetOrCreateAsync("1", static _ => new ValueTask<string>("own load"), cancellationToken: Stop).AsTask();
        var second = ReadAsync("2", "3");
        _gate!.SetResult();
        Assert.Equal("v1", await Eventually.Ends("the joined read ends", single));
        Assert.Equal(2, (await Eventually.Ends("the first call ends", first)).Count);
        Assert.Equal(["2", "3"], (await Eventually.Ends("the second call ends", second)).Keys.Order(StringComparer.Ordinal));
        Assert.Equal([["1", "2"], ["3"]], _calls);
    }

    [Fact]
    public async Task A_call_joins_the_running_load_of_a_key()
    {
        var gate = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var single = _test.Cache.GetOrCreateAsync("1", _ => new ValueTask<string>(gate.Task), cancellationToken: Stop).AsTask();
        var many = ReadAsync("1", "2");
        gate.SetResult("single");
        Assert.Equal("single", await single);
        Assert.Equal("single", (await many)["1"]);
        Assert.Equal(["2"], Assert.Single(_calls));
    }

    [Fact]
    public async Task Two_calls_with_crossing_keys_both_end()
    {
        var first = BeginAsync("1", "2");
        var second = ReadAsync("2", "1", "3");
        _gate!.SetResult();
        Assert.Equal((2, 3), ((await first).Count, (await second).Count));
    }

    [Fact]
    public async Task A_read_that_joins_a_key_without_a_value_loads_the_key_itself()
    {
        var many = BeginAsync("1", "missing 2");
        var single = _test.Cache.GetOrCreateAsync("missing 2", static _ => new ValueTask<string>("own load"), cancellationToken: Stop).AsTask();
        _gate!.SetResult();
        Assert.Single(await many);
        Assert.Equal("own load", await Eventually.Ends("the joined read ends", single));
    }

    [Fact]
    public async Task A_read_that_joins_a_repeated_load_without_a_value_loads_the_key_itself()
    {
        var first = BeginAsync("missing");
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var repeated = 0;
        var second = _test.Cache.GetOrCreateManyAsync(
            ["missing"],
            async (_, _) =>
            {
                Interlocked.Increment(ref repeated);
                await gate.Task;
                return new Dictionary<string, string>(StringComparer.Ordinal);
            },
            cancellationToken: Stop).AsTask();
        _gate!.SetResult();
        await first;
        await Eventually.Holds("the second call loads the key", () => repeated == 1);
        var single = _test.Cache.GetOrCreateAsync("missing", static _ => new ValueTask<string>("own load"), cancellationToken: Stop).AsTask();
        gate.SetResult();

        Assert.Empty(await Eventually.Ends("the second call ends", second));
        Assert.Equal("own load", await Eventually.Ends("the joined read ends", single));
    }

    [Fact]
    public async Task An_exception_of_the_factory_for_a_missing_key_reaches_the_caller()
    {
        var first = BeginAsync("missing");
        var second = _test.Cache.GetOrCreateManyAsync<string>(["missing"], static (keys, _) => throw new KeyNotFoundException(keys[0]), cancellationToken: Stop).AsTask();
        _gate!.SetResult();
        await first;
        await Assert.ThrowsAsync<KeyNotFoundException>(() => second);
    }

    [Fact]
    public async Task A_failed_call_fails_all_its_keys_and_stores_nothing()
    {
        await ReadAsync("1");
        var many = BeginAsync("1", "2", "3");
        var joined = _test.Cache.GetOrCreateAsync("3", static _ => new ValueTask<string>("own load"), cancellationToken: Stop).AsTask();
        _gate!.SetException(new InvalidTimeZoneException());
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => many);
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => Eventually.Ends("the joined read ends", joined));
        Assert.Equal(1, _test.Cache.GetStatistics().Entries);
        _gate = null;
        Assert.Equal(3, (await ReadAsync("1", "2", "3")).Count);
    }

    [Fact]
    public async Task A_failed_call_returns_the_expired_values_if_every_key_has_one()
    {
        var options = new UnstaleEntryOptions { Expiration = TimeSpan.FromMinutes(1), FailSafeFor = TimeSpan.FromHours(1) };
        await ReadAsync(options, "1", "2");
        _test.Clock.Advance(TimeSpan.FromMinutes(2));
        _gate = new TaskCompletionSource();
        _gate.SetException(new InvalidTimeZoneException());
        Assert.Equal(2, (await ReadAsync(options, "1", "2")).Count);
        await InvalidateAsync("key", "1");
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => ReadAsync(options, "1", "2"));
    }

    [Fact]
    public async Task The_call_outlives_its_cancelled_caller_and_stores_the_values()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var read = _test.Cache.GetOrCreateManyAsync(["1", "2"], LoadAsync, cancellationToken: stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        _gate.SetResult();
        await Eventually.Holds("the values are stored", () => _test.Cache.TryGet("1", out string _) && _test.Cache.TryGet("2", out string _));
    }

    [Fact]
    public async Task A_call_past_its_time_limit_is_abandoned_and_its_late_values_are_not_stored()
    {
        _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var read = ReadAsync(new UnstaleEntryOptions { LoadTimeout = TimeSpan.FromSeconds(1) }, "1", "2");
        await Eventually.Holds("the limit has passed", () => read.IsCompleted, () => _test.Clock.Advance(TimeSpan.FromMilliseconds(200)));
        await Assert.ThrowsAsync<LoadTimeoutException>(() => read);
        _gate.SetResult();
        _gate = null;
        Assert.Equal(2, (await ReadAsync("1", "2")).Count);
        Assert.Equal(2, _calls.Count);
    }

    [Fact]
    public async Task A_factory_that_reads_one_of_its_own_keys_does_not_wait_for_itself()
    {
        var values = await Eventually.Ends("the call ends", _test.Cache.GetOrCreateManyAsync<string>(
            ["1", "2"],
            async (keys, token) =>
            {
                var inner = await _test.Cache.GetOrCreateAsync("1", static _ => new ValueTask<string>("inner"), cancellationToken: token);
                return keys.ToDictionary(static key => key, _ => inner, StringComparer.Ordinal);
            },
            cancellationToken: Stop).AsTask());
        Assert.Equal("inner", values["2"]);
    }

    [Fact]
    public async Task A_call_inside_a_factory_of_one_of_its_keys_is_refused_and_leaves_no_load_behind()
    {
        await Assert.ThrowsAsync<RecursiveLoadException>(() => _test.Cache.GetOrCreateAsync(
            "2", async _ => (await ReadAsync("1", "2"))["2"], cancellationToken: Stop).AsTask());
        Assert.Equal(2, (await ReadAsync("1", "2")).Count);
    }

    [Fact]
    public async Task A_failed_call_leaves_the_loads_it_has_joined_to_their_callers()
    {
        var gate = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var token = CancellationToken.None;
        var single = _test.Cache.GetOrCreateAsync("1", t => new ValueTask<string>(Gated(t)), cancellationToken: stop.Token).AsTask();
        await Eventually.Holds("the load has begun", () => token.CanBeCanceled);
        _gate = new TaskCompletionSource();
        _gate.SetException(new InvalidTimeZoneException());
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => ReadAsync("1", "2"));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => single);
        await Eventually.Holds("the load has no caller left", () => token.IsCancellationRequested);

        Task<string> Gated(CancellationToken ofLoad)
        {
            token = ofLoad;
            return gate.Task;
        }
    }

    [Fact]
    public async Task Reads_of_the_call_are_dependencies_of_every_value()
    {
        await _test.Cache.GetOrCreateManyAsync<string>(
            ["1", "2"],
            async (keys, token) =>
            {
                await _test.Cache.GetOrCreateAsync("source", static _ => new ValueTask<int>(1), cancellationToken: token);
                return keys.ToDictionary(static key => key, static key => key, StringComparer.Ordinal);
            },
            cancellationToken: Stop);
        Assert.True(_test.Cache.TryGet("1", out string _));
        await _test.Invalidator.InvalidateKeyAsync("source", cancellationToken: Stop);
        Assert.False(_test.Cache.TryGet("1", out string _));
        Assert.False(_test.Cache.TryGet("2", out string _));
    }

    [Fact]
    public async Task A_value_made_without_a_missing_key_depends_on_its_absence()
    {
        Assert.Equal(1, await SizeAsync("1", "missing 2"));
        await _test.Invalidator.InvalidateKeyAsync("missing 2", cancellationToken: Stop);
        Assert.False(_test.Cache.TryGet("size", out int _));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("source")]
    public async Task A_value_made_in_a_scope_depends_on_the_keys_and_on_the_reads_of_their_factory(string key)
    {
        await _test.Cache.GetOrCreateAsync(
            "size",
            async (_, token) =>
            {
                using var scope = _test.Invalidator.BeginScope();
                return (await SourcesAsync(token, "1")).Count;
            },
            cancellationToken: Stop);
        Assert.True(_test.Cache.TryGet("size", out int _));
        await _test.Invalidator.InvalidateKeyAsync(key, cancellationToken: Stop);
        Assert.False(_test.Cache.TryGet("size", out int _));
    }

    [Fact]
    public async Task A_value_made_from_a_key_that_cannot_be_cached_depends_on_the_reads_of_its_factory()
    {
        await _test.Cache.GetOrCreateAsync("size", async (_, token) => (await SourcesAsync(token, new string('k', 2_000))).Count, cancellationToken: Stop);
        Assert.True(_test.Cache.TryGet("size", out int _));
        await _test.Invalidator.InvalidateKeyAsync("source", cancellationToken: Stop);
        Assert.False(_test.Cache.TryGet("size", out int _));
    }

    [Fact]
    public async Task Reads_of_the_call_are_dependencies_of_the_values_that_record_them()
    {
        await using var test = new CacheUnderTest(static o => o.KeyPrefixes["plain:"] = new UnstaleEntryOptions { RecordDependencies = false });
        await test.Cache.GetOrCreateManyAsync<string>(
            ["plain:1", "2"],
            async (keys, token) =>
            {
                await test.Cache.GetOrCreateAsync("source", static _ => new ValueTask<int>(1), cancellationToken: token);
                return keys.ToDictionary(static key => key, static key => key, StringComparer.Ordinal);
            },
            cancellationToken: Stop);
        await test.Invalidator.InvalidateKeyAsync("source", cancellationToken: Stop);
        Assert.Equal((true, false), (test.Cache.TryGet("plain:1", out string _), test.Cache.TryGet("2", out string _)));
    }

    [Fact]
    public async Task Values_read_in_a_scope_and_values_that_cannot_be_cached_are_returned_and_not_stored()
    {
        var tooLong = new string('k', 2_000);
        Assert.Equal(2, (await ReadAsync("1", tooLong)).Count);
        Assert.Equal(1, _test.Cache.GetStatistics().Entries);
        using (_test.Invalidator.BeginScope())
            Assert.Equal(2, (await ReadAsync("1", "2")).Count);
        Assert.False(_test.Cache.TryGet("2", out string _));
    }

    [Fact]
    public async Task A_call_takes_the_values_of_the_second_level_and_loads_the_rest_at_once()
    {
        await using var cluster = new TestCluster();
        foreach (var key in (string[])["1", "2", "3"])
            await cluster.A.Cache.SetAsync(key, $"set {key}", cancellationToken: Stop);
        var values = await cluster.B.Cache.GetOrCreateManyAsync(["1", "2", "3", "4", "5"], LoadAsync, cancellationToken: Stop);
        Assert.Equal(["set 1", "set 2", "set 3", "v4", "v5"], values.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => pair.Value));
        Assert.Equal(["4", "5"], Assert.Single(_calls).Order(StringComparer.Ordinal));
        await Eventually.Holds("the loaded values are in the second level", () => cluster.Server.Read(static data => data.Values.Count) == 5);
        Assert.Equal(2, (await cluster.A.Cache.GetOrCreateManyAsync(["4", "5"], LoadAsync, cancellationToken: Stop)).Count);
        Assert.Single(_calls);
    }

    [Fact]
    public async Task An_invalidation_of_another_node_during_the_call_prevents_the_storage_in_both_levels()
    {
        await using var cluster = new TestCluster();
        _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var read = cluster.B.Cache.GetOrCreateManyAsync(["1", "2"], LoadAsync, tagsOf: static key => [$"tag {key}"], cancellationToken: Stop).AsTask();
        await Eventually.Holds("the call has begun", () => !_calls.IsEmpty);
        await cluster.A.Invalidator.InvalidateTagAsync("tag 1", cancellationToken: Stop);
        _gate.SetResult();
        await read;
        Assert.False(cluster.B.Holds("1"));
        Assert.True(cluster.B.Holds("2"));
        Assert.False((await cluster.A.Cache.TryGetAsync<string>("1", Stop)).IsFound);
    }

    [Fact]
    public async Task Bad_arguments_are_refused()
    {
        await Assert.ThrowsAsync<ArgumentNullException>(() => _test.Cache.GetOrCreateManyAsync(null!, LoadAsync, cancellationToken: Stop).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => ReadAsync("1", null!));
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => _test.Cache.GetOrCreateManyAsync<string>(["1"], static (_, _) => new((Dictionary<string, string>)null!), cancellationToken: Stop).AsTask());
        Assert.Equal("The factory of GetOrCreateManyAsync returned null. Return a dictionary, empty if no key has a value.", refused.Message);
        await ReadAsync("1"); // no load is left behind
    }

    private async Task<int> SizeAsync(params string[] keys) =>
        await _test.Cache.GetOrCreateAsync("size", async (_, _) => (await ReadAsync(keys)).Count, cancellationToken: Stop);

    /// <summary>Reads keys with a factory that reads the key "source".</summary>
    private async Task<IReadOnlyDictionary<string, string>> SourcesAsync(CancellationToken token, params string[] keys) =>
        await _test.Cache.GetOrCreateManyAsync(
            keys,
            async (missing, stop) =>
            {
                await _test.Cache.GetOrCreateAsync("source", static _ => new ValueTask<int>(1), cancellationToken: stop);
                return await LoadAsync(missing, stop);
            },
            cancellationToken: token);

    private Task<IReadOnlyDictionary<string, string>> BeginAsync(params string[] keys)
    {
        _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return ReadAsync(keys);
    }

    private Task<IReadOnlyDictionary<string, string>> ReadAsync(params string[] keys) => ReadAsync(null, keys);

    private Task<IReadOnlyDictionary<string, string>> ReadAsync(UnstaleEntryOptions? options, params string[] keys) =>
        _test.Cache.GetOrCreateManyAsync(keys, LoadAsync, options, static key => [$"tag {key}"], Stop).AsTask();

    private async ValueTask<Dictionary<string, string>> LoadAsync(IReadOnlyList<string> keys, CancellationToken token)
    {
        _calls.Enqueue([.. keys]);
        if (_gate is { } gate)
            await gate.Task;
        return keys.Where(static key => !key.StartsWith("missing", StringComparison.Ordinal)).ToDictionary(static key => key, static key => $"v{key}", StringComparer.Ordinal);
    }

    private async Task InvalidateAsync(string by, string key)
    {
        if (by == "everything")
            await _test.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop);
        else
            await _test.Invalidator.InvalidateAsync(by == "key" ? [key] : null, by == "tag" ? [$"tag {key}"] : null, cancellationToken: Stop);
    }
}
