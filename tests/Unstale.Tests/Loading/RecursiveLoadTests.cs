using System.Transactions;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>Factories that read their own key through the cache.</summary>
public sealed class RecursiveLoadTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_factory_that_reads_its_own_key_throws_RecursiveLoadException()
    {
        await using var test = new CacheUnderTest();
        var exception = await Assert.ThrowsAsync<RecursiveLoadException>(() => ReadAsync(test.Cache, "a", "a").AsTask());
        Assert.Equal("A factory reads the key that it is loading: a -> a. Read the source or another key in the factory.", exception.Message);
        Assert.Null(test.Cache.Inspect("a"));
    }

    [Fact]
    public async Task The_error_of_an_indirect_recursive_load_contains_the_chain_of_keys()
    {
        await using var test = new CacheUnderTest();
        var exception = await Assert.ThrowsAsync<RecursiveLoadException>(() => ReadAsync(test.Cache, "a", "b", "c", "a").AsTask());
        Assert.Equal("A factory reads the key that it is loading: a -> b -> c -> a. Read the source or another key in the factory.", exception.Message);
        Assert.Equal(0, test.Cache.GetStatistics().Entries);
    }

    [Fact]
    public async Task A_recursive_load_inside_a_transaction_throws_RecursiveLoadException()
    {
        await using var test = new CacheUnderTest();
        using var transaction = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled);
        var exception = await Assert.ThrowsAsync<RecursiveLoadException>(() => ReadAsync(test.Cache, "a", "b", "a").AsTask());
        Assert.Contains("a -> b -> a", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_factory_may_read_the_same_key_of_another_cache()
    {
        await using var test = new CacheUnderTest();
        await using var other = new CacheUnderTest();
        Assert.Equal("v", await test.Cache.GetOrCreateAsync("a", t => other.Cache.GetOrCreateAsync("a", static _ => new ValueTask<string>("v"), cancellationToken: t), cancellationToken: Stop));
    }

    [Fact]
    public async Task A_factory_may_read_other_keys_one_after_the_other_and_at_once()
    {
        await using var test = new CacheUnderTest();
        static ValueTask<int> Load(int value, CancellationToken token) => new(value);
        var sum = await test.Cache.GetOrCreateAsync(
            "sum",
            async token =>
            {
                var a = await test.Cache.GetOrCreateAsync("a", 1, Load, cancellationToken: token);
                var rest = await Task.WhenAll(
                    test.Cache.GetOrCreateAsync("b", 2, Load, cancellationToken: token).AsTask(),
                    test.Cache.GetOrCreateAsync("a", 9, Load, cancellationToken: token).AsTask());
                return a + rest.Sum();
            },
            cancellationToken: Stop);
        Assert.Equal(4, sum);
        Assert.Equal(3, test.Cache.GetStatistics().Entries);
    }

    [Fact]
    public async Task A_task_that_a_factory_left_behind_may_read_the_key_once_the_factory_has_ended()
    {
        await using var test = new CacheUnderTest();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<string>? left = null;
        async Task<string> LaterAsync()
        {
            await ended.Task;
            await test.Cache.RemoveAsync("a", Stop);
            return await test.Cache.GetOrCreateAsync("a", static _ => new ValueTask<string>("second"), cancellationToken: Stop);
        }

        await test.Cache.GetOrCreateAsync(
            "a",
            _ =>
            {
                left = LaterAsync();
                return new ValueTask<string>("first");
            },
            cancellationToken: Stop);
        ended.SetResult();
        Assert.Equal("second", await Eventually.Ends("what was left behind ends", left!));
    }

    [Fact]
    public async Task Two_loads_that_wait_for_each_other_crosswise_both_end()
    {
        await using var test = new CacheUnderTest();
        var aBegan = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var bBegan = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        async ValueTask<string> ReadsB(CancellationToken token)
        {
            aBegan.TrySetResult();
            await bBegan.Task;
            return "a of " + await test.Cache.GetOrCreateAsync("b", static _ => new ValueTask<string>("b alone"), cancellationToken: token);
        }

        async ValueTask<string> ReadsA(CancellationToken token)
        {
            bBegan.TrySetResult();
            await aBegan.Task;
            return "b of " + await test.Cache.GetOrCreateAsync("a", static _ => new ValueTask<string>("a alone"), cancellationToken: token);
        }

        var a = Task.Run(() => test.Cache.GetOrCreateAsync("a", ReadsB, cancellationToken: Stop).AsTask(), Stop);
        var b = Task.Run(() => test.Cache.GetOrCreateAsync("b", ReadsA, cancellationToken: Stop).AsTask(), Stop);
        var both = await Eventually.Ends("both fills end", Task.WhenAll(a, b));

        // The second of the two loads its value itself instead of waiting.
        Assert.True(both is ["a of b of a alone", "b of a alone"] or ["a of b alone", "b of a of b alone"], string.Join(" | ", both));
    }

    [Fact]
    public async Task Three_loads_that_wait_for_each_other_in_a_ring_end()
    {
        await using var test = new CacheUnderTest();
        var began = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<string> ReadAsync(string key, string next) => Task.Run(
            () => test.Cache.GetOrCreateAsync(
                key,
                async token =>
                {
                    if (Interlocked.Increment(ref began) == 3)
                        all.SetResult();
                    await all.Task;
                    return key + await test.Cache.GetOrCreateAsync(next, _ => new ValueTask<string>(next), cancellationToken: token);
                },
                cancellationToken: Stop).AsTask(),
            Stop);
        var values = await Eventually.Ends("all three end", Task.WhenAll(ReadAsync("a", "b"), ReadAsync("b", "c"), ReadAsync("c", "a")));
        Assert.All(values, v => Assert.InRange(v.Length, 2, 4));
    }

    private static ValueTask<string> ReadAsync(UnstaleCache cache, params string[] keys) => cache.GetOrCreateAsync(
        keys[0],
        (cache, keys),
        static (s, token) => s.keys.Length == 1 ? new ValueTask<string>("v") : ReadAsync(s.cache, s.keys[1..]),
        cancellationToken: Stop);
}
