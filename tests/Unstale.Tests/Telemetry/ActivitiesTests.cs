using System.Diagnostics;
using Unstale.Telemetry;
using Xunit;

namespace Unstale.Tests.Telemetry;

public sealed class ActivitiesTests
{
    [Fact]
    public void A_load_and_an_invalidation_are_spans_that_name_no_key()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => string.Equals(source.Name, "Unstale", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);

        using var load = Activities.Load("products");
        using var invalidation = Activities.Invalidate("shop");

        Assert.Equal("unstale.load", load.Activity?.OperationName);
        Assert.Equal([new("unstale.cache.name", "products")], load.Activity!.TagObjects);
        Assert.Equal("unstale.invalidate", invalidation.Activity?.OperationName);
        Assert.Equal([new("unstale.log.name", "shop")], invalidation.Activity!.TagObjects);
    }
}
