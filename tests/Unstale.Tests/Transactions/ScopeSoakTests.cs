using System.Transactions;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Telemetry;
using Unstale.Tests.Queries;
using Unstale.Transactions;
using Xunit;

namespace Unstale.Tests.Transactions;

/// <summary>Many concurrent units of work with all possible ends.</summary>
public sealed class ScopeSoakTests
{
    private const int Keys = 8;
    private const int Works = 400;
    private readonly long[] _committed = new long[Keys];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_read_returns_an_uncommitted_value_or_a_value_older_than_the_last_commit()
    {
        await using var test = new ScopeUnderTest();
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() => ReadAllAsync(test, done.Token), Stop)).ToList();
        await Task.WhenAll(Enumerable.Range(0, Keys).Select(key => Task.Run(() => WriteAsync(test, key), Stop)));
        await done.CancelAsync();
        var reads = await Task.WhenAll(readers);
        Assert.All(reads, read => Assert.True(read > Works, "too few reads to have seen anything"));
        Assert.True(test.Cache.GetStatistics().Hits > Works, "hits were served meanwhile");
        for (var key = 0; key < Keys; key++)
            Assert.Equal(_committed[key], await ReadAsync(test, key, own: null));
        Assert.False(AmbientScope.HasUncommitted(test.Test.Log, "k0", []));
    }

    [Fact]
    public async Task Events_in_a_scope_are_published_at_its_completion_and_not_after_a_drop()
    {
        await using var test = new QueriesUnderTest(b => b.AddDomainEvents().InvalidateOn<UserRegistered>((e, i) => i.Keys($"key:{e.UserId}")));
        await test.HoldAsync("key:7");
        using (test.Cache.Invalidator.BeginScope())
            await test.Events.PublishAsync(new UserRegistered("7"), Stop);
        Assert.Equal(["key:7"], test.Held("key:7"));
        Assert.DoesNotContain(test.Lines, line => line.Id == EventIds.CacheInvalidated);
        using (var scope = test.Cache.Invalidator.BeginScope())
        {
            await test.Events.PublishAsync(new UserRegistered("7"), Stop);
            await scope.CompleteAsync(Stop);
        }

        Assert.Empty(test.Held("key:7"));
    }

    private async Task WriteAsync(ScopeUnderTest test, int key)
    {
        var random = new Random(key);
        for (var i = 1; i <= Works; i++)
        {
            await Task.Yield(); // a busy machine may have one thread for all of them
            var before = _committed[key];
            var commits = random.Next(2) == 0;
            if (random.Next(2) == 0)
                await InScopeAsync(test, key, before, commits);
            else
                await InTransactionAsync(test, key, before, commits);
            Assert.Equal(commits ? before + 1 : before, await ReadAsync(test, key, own: null));
        }
    }

    private async Task InScopeAsync(ScopeUnderTest test, int key, long before, bool commits)
    {
        using var scope = test.Invalidator.BeginScope();
        await WorkAsync(test, key);
        if (!commits)
            return;
        Volatile.Write(ref _committed[key], before + 1);
        await scope.CompleteAsync(Stop);
    }

    private async Task InTransactionAsync(ScopeUnderTest test, int key, long before, bool commits)
    {
        using var transaction = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled);
        Transaction.Current!.EnlistVolatile(new FakeResource(() => Volatile.Write(ref _committed[key], before + 1)), EnlistmentOptions.None);
        await WorkAsync(test, key);
        if (commits)
            transaction.Complete();
    }

    /// <summary>Runs a unit of work. Its own write is below zero until committed.</summary>
    private async Task WorkAsync(ScopeUnderTest test, int key)
    {
        await test.Invalidator.InvalidateAsync([$"k{key}"], [$"t{key}"], cancellationToken: Stop);
        Assert.Equal(-1, await ReadAsync(test, key, own: -1));
    }

    private async Task<int> ReadAllAsync(ScopeUnderTest test, CancellationToken done)
    {
        var reads = 0;
        var seen = new long[Keys];
        while (!done.IsCancellationRequested)
        {
            await Task.Yield();
            for (var key = 0; key < Keys; key++)
            {
                var value = await ReadAsync(test, key, own: null);
                Assert.InRange(value, seen[key], long.MaxValue);
                seen[key] = value;
                reads++;
            }
        }

        return reads;
    }

    private ValueTask<long> ReadAsync(ScopeUnderTest test, int key, long? own) =>
        test.Cache.GetOrCreateAsync($"k{key}", _ => new ValueTask<long>(own ?? Volatile.Read(ref _committed[key])), tags: [$"t{key}"], cancellationToken: Stop);
}
