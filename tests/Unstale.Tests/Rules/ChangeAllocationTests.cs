using Microsoft.Extensions.DependencyInjection;
using Unstale.Rules;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Rules;

/// <summary>Bytes allocated by the calling thread for one change, in process. The bounds are 10 % above the measured figures.</summary>
public sealed class ChangeAllocationTests
{
    private const int Changes = 1_000;

    [Fact]
    public Task A_change_without_rules_allocates_less_than_900_bytes() => AllocatesAsync(900, static _ => { });

    [Fact]
    public Task A_change_with_one_rule_and_two_relationships_allocates_less_than_1800_bytes() => AllocatesAsync(1_800, static rules =>
    {
        rules.When("product").Named("catalogue").Invalidate("query");
        rules.Relate("product", "pricing").Relate("product", "calculation");
    });

    private static async Task AllocatesAsync(long bytes, Action<RuleSetBuilder> rules)
    {
        await using var test = new CacheUnderTest(services: services => services.AddUnstale().AddRules(rules), time: TimeProvider.System);
        var least = long.MaxValue;

        // Code that the runtime has not optimised yet boxes, and buffers of the process are filled first.
        await Eventually.Holds(
            $"a change allocates less than {bytes} bytes",
            () =>
            {
                least = Math.Min(least, AllocatedBy(test.Invalidator) / Changes);
                return least < bytes;
            });
    }

    private static long AllocatedBy(IInvalidator invalidator)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Changes; i++)
        {
            var changed = invalidator.ChangedAsync("product", "4", cancellationToken: TestContext.Current.CancellationToken);
            Assert.True(changed.IsCompletedSuccessfully);
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
