using Microsoft.Extensions.DependencyInjection;
using Unstale.Log;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.WriteThrough;

/// <summary>Write-through in one process.</summary>
public sealed class WriteThroughInProcessTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_value_that_is_written_through_is_held_with_its_tags_and_its_life()
    {
        await using var test = new CacheUnderTest();
        var result = await test.Cache.WriteThroughAsync("k", "v", 1, new() { Expiration = TimeSpan.FromSeconds(9) }, ["t"], Stop);
        Assert.Equal((WriteThroughOutcome.Stored, ReceiptState.Applied), (result.Outcome, result.State));
        var info = test.Cache.Inspect("k")!;
        Assert.Equal((TimeSpan.FromSeconds(9), result.Position), (info.ExpiresIn, info.Position));
        Assert.True(test.Cache.TryGet("k", out string value));
        Assert.Equal("v", value);
        await test.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        Assert.False(test.Cache.TryGet("k", out string _));
    }

    [Theory]
    [InlineData(1, 2, WriteThroughOutcome.Stored)]
    [InlineData(2, 1, WriteThroughOutcome.Superseded)]
    [InlineData(2, 2, WriteThroughOutcome.Superseded)]
    public async Task Of_two_writers_the_newer_version_wins_in_both_orders(long first, long second, WriteThroughOutcome expected)
    {
        await using var test = new CacheUnderTest();
        var before = await test.Cache.WriteThroughAsync("k", first, first, cancellationToken: Stop);
        var after = await test.Cache.WriteThroughAsync("k", second, second, cancellationToken: Stop);
        Assert.Equal(expected, after.Outcome);
        Assert.True(test.Cache.TryGet("k", out long held));
        Assert.Equal(Math.Max(first, second), held);
        if (expected == WriteThroughOutcome.Superseded)
            Assert.Equal((ReceiptState.Superseded, before.Position, 0), (after.State, after.Position, after.LocalEntriesRemoved));
    }

    [Fact]
    public async Task A_superseded_write_affects_neither_the_entry_nor_a_running_load()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.WriteThroughAsync("k", "2", 2, cancellationToken: Stop);
        await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        var source = new GatedSource { Value = "2" };
        var load = test.Cache.GetOrCreateAsync("k", source.ReadAsync, cancellationToken: Stop).AsTask();
        await source[1].BegunAsync();
        var position = test.Cache.GetLogState().Position;
        Assert.Equal(WriteThroughOutcome.Superseded, (await test.Cache.WriteThroughAsync("k", "1", 1, cancellationToken: Stop)).Outcome);
        var joined = test.Cache.GetOrCreateAsync("k", source.ReadAsync, cancellationToken: Stop).AsTask();
        source[1].LetGo();
        Assert.Equal("2", await Eventually.Ends("the load ends", load));
        Assert.Equal("2", await Eventually.Ends("the join ends", joined));
        Assert.Equal((1, position), (source.Reads, test.Cache.GetLogState().Position));
        Assert.Equal(WriteThroughOutcome.Superseded, (await test.Cache.WriteThroughAsync("k", "1", 1, cancellationToken: Stop)).Outcome);
        Assert.True(test.Cache.TryGet("k", out string _));
    }

    [Fact]
    public async Task A_load_that_began_before_a_write_through_does_not_replace_the_written_value()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        var load = test.Cache.GetOrCreateAsync("k", source.ReadAsync, cancellationToken: Stop).AsTask();
        await source[1].BegunAsync();
        await test.Cache.WriteThroughAsync("k", "new", 1, cancellationToken: Stop);
        source[1].LetGo();
        Assert.Equal("old", await Eventually.Ends("the load ends", load));
        Assert.True(test.Cache.TryGet("k", out string held));
        Assert.Equal("new", held);
    }

    [Fact]
    public async Task Neither_an_invalidation_nor_a_set_resets_the_version_of_a_key()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.WriteThroughAsync("k", "2", 2, cancellationToken: Stop);
        await test.Cache.RemoveAsync("k", Stop);
        Assert.Equal(WriteThroughOutcome.Superseded, (await test.Cache.WriteThroughAsync("k", "1", 1, cancellationToken: Stop)).Outcome);
        await test.Cache.SetAsync("k", "set", cancellationToken: Stop);
        Assert.Equal(WriteThroughOutcome.Superseded, (await test.Cache.WriteThroughAsync("k", "2", 2, cancellationToken: Stop)).Outcome);
        Assert.Equal(WriteThroughOutcome.Stored, (await test.Cache.WriteThroughAsync("k", "3", 3, cancellationToken: Stop)).Outcome);
    }

    [Fact]
    public async Task InvalidateUpToVersion_supersedes_older_versions_without_a_value()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.WriteThroughAsync("k", "1", 1, cancellationToken: Stop);
        var receipt = await test.Cache.InvalidateUpToVersionAsync("k", 3, Stop);
        Assert.Equal((ReceiptState.Applied, 1), (receipt.State, receipt.LocalEntriesRemoved));
        Assert.Equal(WriteThroughOutcome.Superseded, (await test.Cache.WriteThroughAsync("k", "2", 2, cancellationToken: Stop)).Outcome);

        // An invalidation even of the known version: the stored value of the same version may lack a part.
        await test.Cache.WriteThroughAsync("k", "4", 4, cancellationToken: Stop);
        Assert.Equal(1, (await test.Cache.InvalidateUpToVersionAsync("k", 4, Stop)).LocalEntriesRemoved);
    }

    [Fact]
    public async Task An_invalidation_of_everything_resets_the_versions_of_all_keys()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.WriteThroughAsync("k", "1", 1, cancellationToken: Stop);
        await test.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop);
        Assert.Equal(WriteThroughOutcome.Invalidated, (await test.Cache.WriteThroughAsync("k", "2", 2, cancellationToken: Stop)).Outcome);
        Assert.Equal(WriteThroughOutcome.Invalidated, (await test.Cache.WriteThroughAsync("k", "3", 3, cancellationToken: Stop)).Outcome);
        test.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(WriteThroughOutcome.Stored, (await test.Cache.WriteThroughAsync("k", "4", 4, cancellationToken: Stop)).Outcome);
    }

    [Fact]
    public async Task A_write_through_inside_a_transaction_is_an_invalidation_at_the_commit()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.WriteThroughAsync("k", "1", 1, cancellationToken: Stop);
        using (var transaction = new System.Transactions.TransactionScope(System.Transactions.TransactionScopeAsyncFlowOption.Enabled))
        {
            var result = await test.Cache.WriteThroughAsync("k", "2", 2, cancellationToken: Stop);
            Assert.Equal((WriteThroughOutcome.Invalidated, ReceiptState.Pending), (result.Outcome, result.State));
            Assert.Equal(ReceiptState.Pending, (await test.Cache.InvalidateUpToVersionAsync("k", 2, Stop)).State);
            transaction.Complete();
        }

        Assert.False(test.Cache.TryGet("k", out string _));
        Assert.Equal(WriteThroughOutcome.Stored, (await test.Cache.WriteThroughAsync("k", "2", 2, cancellationToken: Stop)).Outcome);
    }

    [Fact]
    public async Task A_write_through_without_a_version_only_invalidates()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.SetAsync("k", "old", cancellationToken: Stop);
        var result = await test.Cache.WriteThroughAsync("k", "new", cancellationToken: Stop);
        Assert.Equal((WriteThroughOutcome.Invalidated, ReceiptState.Applied, 1), (result.Outcome, result.State, result.LocalEntriesRemoved));
        Assert.False(test.Cache.TryGet("k", out string _));
    }

    [Fact]
    public async Task A_value_that_is_too_large_only_invalidates_and_its_version_is_stored()
    {
        await using var test = new CacheUnderTest(o => o.MaximumPayloadBytes = 20);
        var result = await test.Cache.WriteThroughAsync("k", new int[20], 2, cancellationToken: Stop);
        Assert.Equal((WriteThroughOutcome.Invalidated, ReceiptState.Applied), (result.Outcome, result.State));
        Assert.Equal(WriteThroughOutcome.Superseded, (await test.Cache.WriteThroughAsync("k", new int[1], 1, cancellationToken: Stop)).Outcome);
    }

    [Fact]
    public async Task Many_writers_at_once_leave_the_newest()
    {
        await using var test = new CacheUnderTest();
        for (var round = 0; round < 50; round++)
        {
            var versions = Enumerable.Range((round * 20) + 1, 20).Select(v => (long)v).ToArray();
            Random.Shared.Shuffle(versions);
            var results = await Task.WhenAll(versions.Select(v => Task.Run(() => test.Cache.WriteThroughAsync("k", v, v, cancellationToken: Stop).AsTask(), Stop)));
            Assert.True(test.Cache.TryGet("k", out long held));
            Assert.Equal(versions.Max(), held);
            Assert.All(results.Zip(versions), r => Assert.True(r.First.Outcome != WriteThroughOutcome.Superseded || r.Second < versions.Max()));
        }
    }

    [Fact]
    public async Task Two_nodes_over_one_local_log_share_the_versions()
    {
        await using var log = new InProcessLog("default");
        await using var here = new CacheUnderTest(services: s => s.AddKeyedSingleton<IInvalidationLog>("default", log));
        await using var there = new CacheUnderTest(services: s => s.AddKeyedSingleton<IInvalidationLog>("default", log));
        await here.Cache.WriteThroughAsync("k", "2", 2, cancellationToken: Stop);
        Assert.Equal(WriteThroughOutcome.Superseded, (await there.Cache.WriteThroughAsync("k", "1", 1, cancellationToken: Stop)).Outcome);
        Assert.False(there.Cache.TryGet("k", out string _));
        Assert.True(here.Cache.TryGet("k", out string _));
    }

    [Fact]
    public async Task A_late_writer_is_stored_once_the_version_of_its_key_has_been_dropped()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.WriteThroughAsync("k", "2", 2, new() { Expiration = TimeSpan.FromHours(1) }, cancellationToken: Stop);
        test.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(WriteThroughOutcome.Superseded, (await test.Cache.WriteThroughAsync("k", "1", 1, cancellationToken: Stop)).Outcome);
        for (var i = 1; i <= 2; i++)
        {
            test.Clock.Advance(TimeSpan.FromMinutes(11));
            await test.Cache.WriteThroughAsync("other", "1", i, cancellationToken: Stop);
        }

        Assert.Equal(WriteThroughOutcome.Stored, (await test.Cache.WriteThroughAsync("k", "1", 1, cancellationToken: Stop)).Outcome);
    }
}
