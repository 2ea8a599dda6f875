using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Model;

public sealed class CacheModelTests
{
    [Fact]
    public void The_cache_and_its_model_agree_after_every_step() => Property.HoldsFor(Step.Any, steps => RunAsync(steps).GetAwaiter().GetResult(), runs: 500);

    private static async Task RunAsync(Step[] steps)
    {
        await using var pair = new CacheAndModel();
        foreach (var step in steps)
        {
            await pair.Do(step);
            pair.Compare();
        }
    }
}
