using Microsoft.Extensions.DependencyInjection;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Documentation;

/// <summary>Registration of <c>docs/concepts.md</c>, section on concurrent loads.</summary>
public sealed class LoadLimitExample
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("order:", 50)]
    [InlineData("weather:", 4)]
    public async Task At_most_so_many_loads_run_as_the_example_allows(string prefix, int loads)
    {
        await using var test = new CacheUnderTest(services: AddCaches);
        var source = new GatedSource();
        var reads = Enumerable.Range(0, 60).Select(i => test.Cache.GetOrCreateAsync($"{prefix}{i}", source.ReadAsync, cancellationToken: Stop).AsTask()).ToList();
        Assert.Equal(loads, source.Reads);
        for (var i = 1; i <= 60; i++)
            source[i].LetGo();
        await Eventually.Ends("all loads end", Task.WhenAll(reads));
    }

    private static void AddCaches(IServiceCollection services)
    {
        services.AddUnstale(o =>
        {
            o.LoadLimit = new() { MaximumLoads = 50 };                                                       // the database
            o.PrefixLoadLimits["weather:"] = new() { MaximumLoads = 4, SlotTimeout = TimeSpan.FromSeconds(2) }; // a service with few connections
        });
    }
}
