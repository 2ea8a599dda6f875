using System.Transactions;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>Reads inside an open transaction. Its writes are not committed yet, so no value read there may be shared.</summary>
public sealed class LoadInTransactionTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hit_inside_a_transaction_is_served()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.SetAsync("k", "kept", cancellationToken: Stop);
        using var transaction = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled);
        Assert.Equal("kept", await test.Cache.GetOrCreateAsync("k", NotAsked, cancellationToken: Stop));
        Assert.Equal(CacheOutcome.Memory, (await test.Cache.GetOrCreateResultAsync("k", static (_, t) => NotAsked(t), cancellationToken: Stop)).Outcome);
    }

    [Fact]
    public async Task A_value_loaded_inside_an_open_transaction_is_not_stored()
    {
        await using var test = new CacheUnderTest();
        var loads = 0;
        ValueTask<string> Load(LoadContext context, CancellationToken token) => new($"v{++loads}");
        using (new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Load), await test.Cache.GetOrCreateResultAsync("k", Load, cancellationToken: Stop));
            Assert.Equal("v2", await test.Cache.GetOrCreateAsync("k", Load, cancellationToken: Stop));
            Assert.Null(test.Cache.Inspect("k"));
        }

        Assert.Equal("v3", await test.Cache.GetOrCreateAsync("k", Load, cancellationToken: Stop));
        Assert.Equal("v3", await test.Cache.GetOrCreateAsync("k", Load, cancellationToken: Stop));
    }

    [Fact]
    public async Task A_load_in_a_scope_neither_joins_a_running_load_nor_is_joined_from_outside()
    {
        await using var test = new CacheUnderTest();
        var outside = new GatedSource { Value = "outside" };
        var inside = new GatedSource { Value = "inside" };
        var first = test.Cache.GetOrCreateAsync("k", outside.ReadAsync, cancellationToken: Stop).AsTask();
        await outside[1].BegunAsync();
        Task<string> second;
        using (new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
            second = test.Cache.GetOrCreateAsync("k", inside.ReadAsync, cancellationToken: Stop).AsTask();
        await inside[1].BegunAsync();
        var third = test.Cache.GetOrCreateAsync("k", inside.ReadAsync, cancellationToken: Stop).AsTask();

        inside[1].LetGo();
        Assert.Equal("inside", await second);
        outside[1].LetGo();
        Assert.Equal(["outside", "outside"], await Task.WhenAll(first, third));
        Assert.Equal(1, inside.Reads);
    }

    [Fact]
    public async Task A_failed_load_inside_a_transaction_throws_to_its_caller_and_is_counted()
    {
        await using var test = new CacheUnderTest();
        using var transaction = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled);
        await Assert.ThrowsAsync<InvalidDataException>(
            () => test.Cache.GetOrCreateAsync("k", static ValueTask<string> (CancellationToken _) => throw new InvalidDataException(), cancellationToken: Stop).AsTask());
        Assert.Equal(1, test.Cache.GetStatistics().LoadFailures);
    }

    [Fact]
    public async Task A_background_refresh_starts_with_the_first_read_after_the_transaction()
    {
        await using var test = new CacheUnderTest();
        var freshFor = new UnstaleEntryOptions { FreshFor = TimeSpan.Zero };
        var loads = 0;
        ValueTask<string> Load(CancellationToken token) => new($"new {Interlocked.Increment(ref loads)}");
        await test.Cache.SetAsync("k", "old", freshFor, cancellationToken: Stop);
        using (new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
            Assert.Equal("old", await test.Cache.GetOrCreateAsync("k", Load, cancellationToken: Stop));
        Assert.Equal("old", await test.Cache.GetOrCreateAsync("k", Load, cancellationToken: Stop));
        await Eventually.Holds("the refreshed value is kept", () => test.Cache.TryGet("k", out string kept) && kept == "new 1");
    }

    private static ValueTask<string> NotAsked(CancellationToken token) => throw new InvalidOperationException("The source must not be asked.");
}
