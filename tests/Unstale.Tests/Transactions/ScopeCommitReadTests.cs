using Unstale.Rules;
using Xunit;

namespace Unstale.Tests.Transactions;

/// <summary>No read finds an old value between the end of the scope's hold and the mark for all flows.</summary>
public sealed class ScopeCommitReadTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public Task Targets_of_a_completed_scope_are_held_until_all_of_them_are_invalidated() => ReadInConditionAsync(async test =>
    {
        using var scope = test.Invalidator.BeginScope();
        await RaiseAsync(test);
        await scope.CompleteAsync(Stop);
    });

    [Fact]
    public Task Targets_handed_to_an_outer_scope_are_held_until_all_of_them_are_invalidated() => ReadInConditionAsync(async test =>
    {
        using var scope = test.Invalidator.BeginScope();
        using (var inner = test.Invalidator.BeginScope())
        {
            await RaiseAsync(test);
            await inner.CompleteAsync(Stop);
        }

        await scope.CompleteAsync(Stop);
    });

    [Fact]
    public Task Targets_of_a_committed_transaction_are_held_until_all_of_them_are_invalidated() => ReadInConditionAsync(async test =>
    {
        await using var transaction = new InvalidatingTransaction(new FakeDbTransaction(), test.Invalidator);
        await RaiseAsync(test);
        await transaction.CommitAsync(Stop);
    });

    /// <summary>Completes a scope with a rule whose condition runs while the scope raises and reads a key from an earlier call of the scope.</summary>
    private static async Task ReadInConditionAsync(Func<ScopeUnderTest, Task> complete)
    {
        await using var test = new ScopeUnderTest();
        var (isRaising, found) = (false, new List<bool>());
        test.Cache.Rules.Add(RuleBuilder.When("product").Invalidate("products").Where(_ =>
        {
            if (isRaising)
                found.Add(test.Cache.TryGet("k", out string _) || test.Beside.TryGet("k", out string _));
            return true;
        }).Build());
        await test.ReadAsync("k");
        await test.ReadAsync("k", test.Beside);
        Assert.True(test.Cache.TryGet("k", out string _));
        isRaising = true;
        await complete(test);
        Assert.NotEmpty(found);
        Assert.DoesNotContain(true, found);
        Assert.False(test.Cache.TryGet("k", out string _));
    }

    private static async Task RaiseAsync(ScopeUnderTest test)
    {
        await test.Cache.RemoveAsync("k", Stop);
        await test.Invalidator.ChangedAsync("product", 7, cancellationToken: Stop);
        test.Cache.Rules.Add(RuleBuilder.When("another").Invalidate("others").Build()); // other rules: the condition runs again at the end
    }
}
