using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Unstale.Redis;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Hosting;

public sealed class OptionsExample
{
    [Fact]
    public void The_options_of_the_document_are_accepted()
    {
        var services = new ServiceCollection();
        AddCaches(services, "rediss://cache.example:6380", new X509Certificate2Collection(), static _ => new("a token"));
        using var provider = services.BuildServiceProvider();
        Assert.Equal("eu-shop", provider.GetRequiredService<IOptionsMonitor<RedisOptions>>().Get("default").KeyPrefix);
    }

    private static void AddCaches(IServiceCollection services, string connectionString, X509Certificate2Collection ourAuthority, Func<CancellationToken, ValueTask<string>> tokenAsync)
    {
        services.AddUnstale(o => o.Log = "shop").UseRedis(connectionString, o =>
        {
            o.KeyPrefix = "eu-shop";                                    // another prefix sees nothing of this one
            o.CompressionThreshold = 8192;                              // bytes; or o.Compression = false
            o.RequestTimeout = TimeSpan.FromMilliseconds(500);
            o.CertificateAuthorities.AddRange(ourAuthority);            // for rediss:// with an authority of your own
            o.Credentials = async ct => new RedisCredentials("shop", await tokenAsync(ct), RenewAfter: TimeSpan.FromMinutes(50));
        });
        services.AddUnstale("sessions").UseRedis(connectionString, o => o.SecondLevel = false); // invalidations only, values in memory
    }
}
