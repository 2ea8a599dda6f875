using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Hosting;

/// <summary>Start of a host with caches.</summary>
public sealed class HostStartTests : IAsyncLifetime
{
    private RedisServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RedisServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("default")]
    [InlineData("shop")]
    [InlineData("in process")]
    public async Task The_first_value_loaded_after_the_start_of_the_host_is_stored(string name)
    {
        using var host = await StartAsync(s =>
        {
            s.AddUnstale().UseRedis(_server.EndPoint.ToString());
            s.AddUnstale("shop", static o => o.Log = "shop").UseRedis(_server.EndPoint.ToString());
            s.AddUnstale("in process", static o => o.Log = "local");
        });
        var cache = host.Services.GetRequiredKeyedService<UnstaleCache>(name);
        var calls = 0;
        for (var i = 0; i < 20; i++)
            await cache.GetOrCreateAsync("k", _ => new ValueTask<int>(++calls), cancellationToken: Stop);
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task A_value_loaded_by_a_hosted_service_during_its_start_is_stored()
    {
        var reader = new Reader();
        using var host = await StartAsync(s =>
        {
            s.AddSingleton<IHostedService>(p => reader.With(p.GetRequiredService<UnstaleCache>()));
            s.AddUnstale().UseRedis(_server.EndPoint.ToString());
        });
        Assert.Equal(1, reader.Calls);
    }

    [Fact]
    public async Task An_unavailable_log_does_not_delay_the_start_of_the_host()
    {
        var time = TimeProvider.System;
        var began = time.GetTimestamp();
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start(); // accepts connections and never replies
        using var host = await StartAsync(s =>
        {
            foreach (var number in Enumerable.Range(0, 5))
                s.AddUnstale($"cache{number}", o => o.Log = $"log{number}").UseRedis($"127.0.0.1:{((System.Net.IPEndPoint)silent.LocalEndpoint).Port},name=c{number}");
        });

        // Far above the expected time, and far below the five seconds that one connection may need.
        Assert.True(time.GetElapsedTime(began) < TimeSpan.FromSeconds(4));
        Assert.Equal(1, await host.Services.GetRequiredKeyedService<UnstaleCache>("cache0").GetOrCreateAsync("k", static _ => new ValueTask<int>(1), cancellationToken: Stop));
    }

    [Fact]
    public async Task Without_a_host_the_log_opens_with_the_first_use()
    {
        await using var services = new ServiceCollection().AddUnstale().UseRedis(_server.EndPoint.ToString()).Services.BuildServiceProvider();
        Assert.Equal(0L, (await _server.RunAsync("PUBSUB", "NUMSUB", "{unstale:default:0}:ch")).Items[1].Integer);
        var cache = services.GetRequiredService<UnstaleCache>();
        await Eventually.TrueAsync("the cache is trusted", () => Task.FromResult(cache.GetLogState().IsTrusted));
    }

    [Fact]
    public async Task Two_servers_for_one_cache_refuse_the_start_and_no_password_is_shown()
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(static s =>
            s.AddUnstale().UseRedis("redis://me:secret@one:1", static o => o.LogLength = 200).UseRedis("redis://me:secret@two:2", static o => o.LogLength = 300)));
        Assert.Equal(
            "Cache 'default': UseRedis was called twice with two values of Configuration. Call it once, or leave the setting out of one of the calls.; "
            + "Cache 'default': UseRedis was called twice, with LogLength 200 and 300. Call it once, or leave the setting out of one of the calls.",
            refused.Message);
    }

    [Fact]
    public async Task Calls_of_UseRedis_without_a_contradiction_are_combined()
    {
        using var host = await StartAsync(s => s.AddUnstale().UseRedis(_server.EndPoint.ToString()).UseRedis(static o => o.KeyPrefix = "app").UseRedis(_server.EndPoint.ToString()));
        await Eventually.TrueAsync("the log is there", async () => (await _server.RunAsync("EXISTS", "{app:default:0}:ctl")).Integer == 1);
    }

    [Theory]
    [InlineData("shopp")]
    [InlineData("default")]
    public async Task A_health_check_for_an_unknown_cache_prevents_the_start(string name)
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(s => s.AddHealthChecks().AddUnstale(cache: name).Services.AddUnstale("shop")));
        Assert.Equal(
            $"A health check is registered for the cache '{name}', which does not exist. Add the cache with services.AddUnstale, or correct the name in AddHealthChecks().AddUnstale(cache: ...).",
            refused.Message);
    }

    [Fact]
    public async Task A_health_check_without_any_cache_refuses_the_start() =>
        await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(static s => s.AddHealthChecks().AddUnstale()));

    [Fact]
    public async Task A_health_check_registered_before_its_cache_reports_healthy()
    {
        using var host = await StartAsync(static s => s.AddHealthChecks().AddUnstale().Services.AddUnstale());
        Assert.Equal(HealthStatus.Healthy, (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Stop)).Status);
    }

    private static async Task<IHost> StartAsync(Action<IServiceCollection> add)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        add(builder.Services);
        var host = builder.Build();
        try
        {
            await host.StartAsync(Stop);
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    private sealed class Reader : IHostedService
    {
        private UnstaleCache _cache = null!;

        public int Calls { get; private set; }

        public Reader With(UnstaleCache cache)
        {
            _cache = cache;
            return this;
        }

        public async Task StartAsync(CancellationToken cancellationToken)
        {
            for (var i = 0; i < 20; i++)
                await _cache.GetOrCreateAsync("k", _ => new ValueTask<int>(++Calls), cancellationToken: cancellationToken);
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
