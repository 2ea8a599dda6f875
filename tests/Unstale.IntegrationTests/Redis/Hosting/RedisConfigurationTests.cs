using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Unstale.IntegrationTests.Support;
using Unstale.Redis;
using Unstale.Redis.Hosting;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Hosting;

/// <summary>Options of Redis from the application's configuration, and a service of an Aspire app host against a plain server.</summary>
public sealed class RedisConfigurationTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_option_that_a_text_can_hold_is_read_by_its_name()
    {
        var options = Read(
            ("Configuration", "host:1,password=p"), ("database", "2"), ("KeyPrefix", "eu"), ("RequestTimeout", "0.5"), ("SecondLevel", "false"), ("CompressionThreshold", "0"), ("LogLength", "1000"));
        Assert.Equal(("host:1,password=p", 2, "eu"), (options.Configuration, options.Database, options.KeyPrefix));
        Assert.Equal((0.5, false, 0, 1000), (options.RequestTimeout!.Value.TotalSeconds, options.SecondLevel, options.CompressionThreshold, options.LogLength));
        var texts = typeof(RedisOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(static p => (Nullable.GetUnderlyingType(p.PropertyType) ?? p.PropertyType) is { } type && (type.IsPrimitive || type == typeof(string) || type == typeof(TimeSpan)));
        Assert.Equal(texts.Select(static p => p.Name).Order(StringComparer.Ordinal), RedisOptionsReader.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Passwort", "QZXVJZ", "Cache:Redis:Passwort")]
    [InlineData("RequestTimeout", "QZXVJZ", "Cache:Redis:RequestTimeout")]
    [InlineData("LogLength", "QZXVJZ", "Cache:Redis:LogLength")]
    public void A_mistake_is_named_by_its_path(string key, string value, string path)
    {
        var refused = Assert.Throws<InvalidOperationException>(() => Read(("Configuration", "host,password=secret"), (key, value)));
        Assert.Contains($"'{path}'", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_section_without_a_server_is_named_with_its_key()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["Cache:Redis:KeyPrefix"] = "eu";
        builder.Services.AddUnstale("shop").UseRedis(builder.Configuration.GetSection("Cache:Redis"));
        using var host = builder.Build();
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Stop));
        Assert.Contains("Set Cache:Redis:Configuration in the configuration of the application (Cache__Redis__Configuration in its environment).", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_of_an_app_host_names_its_resource_and_has_a_cache()
    {
        await using var server = await RedisServer.StartAsync();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["ConnectionStrings:cache"] = server.EndPoint.ToString();
        builder.AddUnstale("cache", static o => o.Log = "log");
        using var host = builder.Build();
        await host.StartAsync(Stop);
        var cache = host.Services.GetRequiredService<UnstaleCache>();
        await Eventually.TrueAsync("the cache keeps a value", async () =>
        {
            await cache.GetOrCreateAsync("k", static _ => new ValueTask<int>(1), cancellationToken: Stop);
            return cache.TryGet("k", out int _);
        });
        Assert.Equal(1, (await server.RunAsync("EXISTS", "{unstale:log:0}:ctl")).Integer);
        await host.StopAsync(Stop);
    }

    [Fact]
    public async Task A_service_whose_resource_is_missing_names_the_key()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddUnstale("cache");
        using var host = builder.Build();
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Stop));
        Assert.Contains("Set ConnectionStrings:cache in the configuration of the application", refused.Message, StringComparison.Ordinal);
    }

    private static RedisOptions Read(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(static s => KeyValuePair.Create($"Cache:Redis:{s.Key}", (string?)s.Value))).Build();
        var options = new RedisOptions();
        RedisOptionsReader.Bind(configuration.GetSection("Cache:Redis"), options);
        return options;
    }
}
