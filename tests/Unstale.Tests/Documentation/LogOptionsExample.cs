using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Unstale.Hosting;
using Xunit;

namespace Unstale.Tests.Documentation;

public sealed class LogOptionsExample
{
    [Fact]
    public async Task The_caches_of_a_log_share_its_options()
    {
        var services = new ServiceCollection();
        Register(services);
        await using var provider = services.BuildServiceProvider();
        var caches = provider.GetRequiredService<IOptionsMonitor<UnstaleOptions>>();
        foreach (var name in (string[])["default", "cart"])
        {
            var log = provider.GetRequiredService<LogNodes>().Get(caches.Get(name)).Options;
            Assert.Equal((2, LogUnavailableBehavior.Throw, .5), (log.StalenessBound.TotalSeconds, log.WhenUnavailable, log.AppendTimeout.TotalSeconds));
        }
    }

    private static void Register(IServiceCollection services)
    {
        services.AddUnstale(o => o.Log = "shop");
        services.AddUnstale("cart", o => o.Log = "shop");
        services.AddInvalidationLog("shop", o =>
        {
            o.StalenessBound = TimeSpan.FromSeconds(2);
            o.WhenUnavailable = LogUnavailableBehavior.Throw;
            o.AppendTimeout = TimeSpan.FromMilliseconds(500);
        });
    }
}
