using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Unstale.Redis;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Hosting;

public sealed class OptionsExample
{
    [Fact]
    public void The_options_of_the_document_are_accepted()
    {
        var services = new ServiceCollection();
        AddCaches(services, "cache.example:6380,ssl=true", "authority.pem");
        AddShared(services);
        using var provider = services.BuildServiceProvider();
        var options = provider.GetRequiredService<IOptionsMonitor<RedisOptions>>();
        Assert.Equal("eu-shop", options.Get("default").KeyPrefix);
        Assert.True(options.Get("orders").ConfigurationOptions!.Ssl);
        Assert.Equal("", options.Get("shared").Configuration);
        Assert.Equal(6, options.Get("catalog").Partitions);
    }

    private static void AddCaches(IServiceCollection services, string connectionString, string ourAuthority)
    {
        services.AddUnstale(o => o.Log = "shop").UseRedis(connectionString, o =>
        {
            o.KeyPrefix = "eu-shop";                                    // another prefix sees nothing of this one
            o.CompressionThreshold = 8192;                              // bytes; or o.Compression = false
            o.RequestTimeout = TimeSpan.FromMilliseconds(500);
        });
        services.AddUnstale("orders").UseRedis(o =>
        {
            o.ConfigurationOptions = ConfigurationOptions.Parse(connectionString);
            o.ConfigurationOptions.CertificateValidation += (_, certificate, chain, errors) => TrustedBy(ourAuthority, certificate, chain, errors);
        });
        services.AddUnstale("sessions").UseRedis(connectionString, o => o.SecondLevel = false); // invalidations only, values in memory
        services.AddUnstale("catalog", o =>
        {
            o.Log = "catalog";
            o.RecordDependencies = false;                               // keys of other partitions cannot be recorded
        }).UseRedis(connectionString, o => o.Partitions = 6);           // one to four for each master
    }

    private static void AddShared(IServiceCollection services)
    {
        services.AddSingleton<IConnectionMultiplexer>(_ => ConnectionMultiplexer.Connect("localhost:6379"));
        services.AddUnstale("shared").UseRedis();
    }

    private static bool TrustedBy(
        string authority, System.Security.Cryptography.X509Certificates.X509Certificate? certificate, System.Security.Cryptography.X509Certificates.X509Chain? chain,
        System.Net.Security.SslPolicyErrors errors) => errors == System.Net.Security.SslPolicyErrors.None && authority.Length > 0 && certificate is not null && chain is not null;
}
