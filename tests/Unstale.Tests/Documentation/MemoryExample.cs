using System.ComponentModel;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Unstale.Tests.Documentation;

/// <summary>Registration of <c>docs/concepts.md</c>, section on memory.</summary>
public sealed class MemoryExample
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_example_bounds_the_memory()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        Add(services);
        await using var provider = services.BuildServiceProvider();
        var cache = provider.GetRequiredService<UnstaleCache>();
        await cache.SetAsync("report:1", new Report(new double[10_000]), cancellationToken: Stop);
        Assert.InRange(cache.GetStatistics().Bytes, 80_000, 80_400);
        await cache.SetAsync("rates:today", "1.08", cancellationToken: Stop);
        for (var i = 0; i < 400; i++)
            await cache.SetAsync($"report:{i}", new Report(new double[100_000]), cancellationToken: Stop);
        Assert.InRange(cache.GetStatistics().Bytes, 255 << 20, 256 << 20);
        Assert.True(cache.TryGet("rates:today", out string _), "the value of high priority is still stored");
    }

    private static void Add(IServiceCollection services) => services.AddUnstale(o =>
    {
        o.MaximumBytes = 256 << 20;                                                                // 256 MiB for entries, keys, values and tags
        o.AddSizer<Report>(report => 48 + (8 * report.Values.Length));                             // an immutable class: only its author knows the size
        o.KeyPrefixes["rates:"] = new UnstaleEntryOptions { Priority = CacheItemPriority.High };   // evicted after all others
    });

    [ImmutableObject(true)]
    private sealed record Report(double[] Values);
}
