using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Hosting;

/// <summary>Caches over a multiplexer that the application has created and configured.</summary>
public sealed class MultiplexerTests : IAsyncLifetime
{
    private const string Channel = "{unstale:log:0}:ch";

    private readonly ReceivedLines _received = new();
    private RedisServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RedisServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _received.Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("protocol=resp2")]
    [InlineData("protocol=resp3")]
    [InlineData("channelPrefix=app:")]
    [InlineData("defaultDatabase=3")]
    public async Task The_multiplexer_of_the_container_carries_a_whole_cache_with_its_default_options(string options)
    {
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync($"{_server.EndPoint},{options}");
        await using var other = Build(services => services.AddUnstale(o => o.Log = "log").UseRedis($"{_server.EndPoint},{options}"));
        var database = options == "defaultDatabase=3" ? 3 : (int?)null;
        await using (var services = Build(services =>
        {
            services.AddSingleton<IConnectionMultiplexer>(multiplexer);
            services.AddUnstale(o => o.Log = "log").UseRedis(o => o.Database = database);
        }))
        {
            var (one, two) = (services.GetRequiredService<UnstaleCache>(), other.GetRequiredService<UnstaleCache>());
            await HoldsAsync(one);
            await HoldsAsync(two);
            var began = Stopwatch.GetTimestamp();
            var rounds = 0;
            for (; rounds < 20; rounds++)
            {
                await HoldsAsync(two);
                await one.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
                await Eventually.TrueAsync("the other node lets go", () => Task.FromResult(!two.TryGet("k", out int _)));
            }

            // A tail alone would need up to a second for each round.
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(10), $"{rounds} invalidations took {Stopwatch.GetElapsedTime(began)}.");
            await one.SetAsync("set", 7, cancellationToken: Stop);
            Assert.Equal(7, await two.GetOrCreateAsync("set", static _ => new ValueTask<int>(0), cancellationToken: Stop));
        }

        Assert.True(multiplexer.IsConnected);
        Assert.Equal("PONG", (string?)await multiplexer.GetDatabase().ExecuteAsync("PING"));
    }

    [Fact]
    public async Task A_subscription_that_the_client_has_lost_without_a_word_is_noticed_and_made_again()
    {
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(_server.EndPoint.ToString());
        await using var services = Build(services =>
        {
            services.AddSingleton<IConnectionMultiplexer>(multiplexer);
            services.AddUnstale(o => o.Log = "log").UseRedis();
        });
        var cache = services.GetRequiredService<UnstaleCache>();
        await HoldsAsync(cache);
        Assert.Equal([Channel], await ChannelsAsync());
        await multiplexer.GetSubscriber().UnsubscribeAllAsync();
        Assert.Empty(await ChannelsAsync());
        await cache.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        await Eventually.TrueAsync("the channel is subscribed again", async () => (await ChannelsAsync()) is [Channel]);
        Assert.Contains(_received.Lines, static line => line.Text.Contains("its messages are no longer received", StringComparison.Ordinal));
        await HoldsAsync(cache);
    }

    [Fact]
    public async Task A_factory_is_called_twice_and_its_multiplexers_are_disposed_with_the_cache()
    {
        var made = new List<ConnectionMultiplexer>();
        await using (var services = Build(services => services.AddUnstale(o => o.Log = "log").UseRedis(o => o.ConnectionMultiplexerFactory = async () =>
        {
            var one = await ConnectionMultiplexer.ConnectAsync(_server.EndPoint.ToString());
            made.Add(one);
            return one;
        })))
        {
            await HoldsAsync(services.GetRequiredService<UnstaleCache>());
            Assert.Equal(2, made.Count);
            Assert.All(made, static one => Assert.True(one.IsConnected));
        }

        Assert.All(made, static one => Assert.False(one.IsConnected));
    }

    [Fact]
    public async Task A_multiplexer_returned_twice_by_a_factory_is_not_disposed_with_the_cache()
    {
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(_server.EndPoint.ToString());
        var given = new TaskCompletionSource<IConnectionMultiplexer>();
        given.SetResult(multiplexer);
        await using (var services = Build(services => services.AddUnstale(o => o.Log = "log").UseRedis(o => o.ConnectionMultiplexerFactory = () => given.Task)))
            await HoldsAsync(services.GetRequiredService<UnstaleCache>());
        Assert.True(multiplexer.IsConnected);
        await Eventually.TrueAsync("nobody listens any more", async () => (await ChannelsAsync()).Length == 0);
    }

    [Fact]
    public async Task Another_default_database_than_the_expected_one_is_named()
    {
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync($"{_server.EndPoint},defaultDatabase=3");
        await using var services = Build(services =>
        {
            services.AddSingleton<IConnectionMultiplexer>(multiplexer);
            services.AddUnstale(o => o.Log = "log").UseRedis();
        });
        Assert.Equal(1, await services.GetRequiredService<UnstaleCache>().GetOrCreateAsync("k", static _ => new ValueTask<int>(1), cancellationToken: Stop));
        await SaysAsync("has the default database 3, and the cache expects 0. Set RedisOptions.Database to 3.");
    }

    [Fact]
    public async Task Without_a_multiplexer_in_the_container_the_reason_is_logged_and_the_source_is_read()
    {
        await using var services = Build(static services => services.AddUnstale().UseRedis());
        Assert.Equal(1, await services.GetRequiredService<UnstaleCache>().GetOrCreateAsync("k", static _ => new ValueTask<int>(1), cancellationToken: Stop));
        await SaysAsync("the container has no IConnectionMultiplexer");
    }

    [Theory]
    [InlineData("ConnectionStrings:Redis", "ConnectionStrings__Redis")]
    public async Task A_missing_connection_string_is_named_with_the_cache_and_the_key_of_the_configuration(string key, string variable)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        var configuration = builder.Configuration;
        builder.Services.AddUnstale("shop").UseRedis(Microsoft.Extensions.Configuration.ConfigurationExtensions.GetConnectionString(configuration, "Redis"));
        using var host = builder.Build();
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Stop));
        Assert.StartsWith("Cache 'shop': UseRedis received no connection string: ", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith($" is null or empty. Set {key} in the configuration of the application ({variable} in its environment).", refused.Message, StringComparison.Ordinal);
    }

    private async Task<string[]> ChannelsAsync() => [.. (await _server.RunAsync("PUBSUB", "CHANNELS", "*unstale*")).Items.Select(static channel => channel.Text())];

    private Task SaysAsync(string part) => Eventually.TrueAsync(
        $"'{part}' is said", () => Task.FromResult(_received.Lines.Any(line => line.Text.Contains(part, StringComparison.Ordinal))));

    private async Task HoldsAsync(UnstaleCache cache)
    {
        try
        {
            await Eventually.TrueAsync("the cache keeps a value", async () =>
            {
                await cache.GetOrCreateAsync("k", static _ => new ValueTask<int>(1), cancellationToken: Stop);
                return cache.TryGet("k", out int _);
            });
        }
        catch (Exception why)
        {
            throw new InvalidOperationException(string.Join('\n', _received.Lines), why);
        }
    }

    private ServiceProvider Build(Action<IServiceCollection> add)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(_received));
        add(services);
        return services.BuildServiceProvider();
    }
}
