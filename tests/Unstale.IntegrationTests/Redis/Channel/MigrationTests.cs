using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Unstale.IntegrationTests.Redis.Wire;
using Unstale.IntegrationTests.Support;
using Unstale.Redis.Channel;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Channel;

/// <summary>Old and new services side by side, set up as in docs/migration.md.</summary>
public sealed class MigrationTests : IAsyncLifetime
{
    private readonly SocialDatabase _database = new();
    private RedisServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RedisServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Old_and_new_services_receive_messages_of_each_other_over_the_channel()
    {
        using var memory = new MemoryCache(new MemoryCacheOptions());
        await using var publisher = InvalidationPublisher.Create(_server.EndPoint.ToString(), "shop-old");
        await using var subscriber = InvalidationSubscriber.Create(_server.EndPoint.ToString());
        var old = new TimedNames(memory, _database);
        Rollout.OldService(subscriber, memory);
        await using var services = await StartAsync(Rollout.BesideTheChannel);
        var cache = services.GetRequiredService<UnstaleCache>();
        var names = new TrueNames(cache, services.GetRequiredService<IInvalidator>(), _database);
        await ListenedAsync("cache:invalidate", 2);

        await _database.UpdateUserAsync("1", "first");
        await KeepsAsync(cache, names);
        Assert.Equal("first", await old.NameAsync("1"));

        // A new service writes to the log only, and the old one drops its copy.
        await names.RenameAsync("1", "second");
        Assert.Equal("second", await names.NameAsync("1"));
        await Eventually.TrueAsync("the old service has the second name", async () => await old.NameAsync("1") == "second");

        // An old service writes to the channel only.
        await KeepsAsync(cache, names);
        await _database.UpdateUserAsync("1", "third");
        await publisher.InvalidateUserAsync("1", Stop);
        await Eventually.TrueAsync("the new service has the third name", async () => await names.NameAsync("1") == "third");
    }

    [Fact]
    public async Task A_node_applies_and_publishes_messages_in_the_own_format_of_the_application()
    {
        using var bare = await BareClient.ConnectAsync(_server);
        using var ear = await BareClient.ConnectAsync(_server);
        await ear.CallAsync("SUBSCRIBE", "cache-evict");
        await using var services = await StartAsync(Rollout.BesideOwnMessages);
        var cache = services.GetRequiredService<UnstaleCache>();
        var names = new TrueNames(cache, services.GetRequiredService<IInvalidator>(), _database);
        await ListenedAsync("cache-evict", 2);

        await _database.UpdateUserAsync("1", "first");
        await KeepsAsync(cache, names);
        await _database.UpdateUserAsync("1", "second");
        await bare.CallAsync("PUBLISH", "cache-evict", "user:1");
        await Eventually.TrueAsync("the new service has the second name", async () => await names.NameAsync("1") == "second");
        Assert.Equal("user:1", await ear.HearAsync());

        await Rollout.EvictAsync(services.GetRequiredService<IInvalidator>(), services.GetRequiredService<InvalidationPublisher>(), "user:1");
        Assert.Equal("user:1", await ear.HearAsync());
    }

    private async Task<ServiceProvider> StartAsync(Action<IServiceCollection, string> add)
    {
        var services = new ServiceCollection();
        add(services, _server.EndPoint.ToString());
        var provider = services.BuildServiceProvider();
        foreach (var service in provider.GetServices<IHostedService>())
            await service.StartAsync(Stop);
        return provider;
    }

    private async Task ListenedAsync(string channel, long listeners)
    {
        using var bare = await BareClient.ConnectAsync(_server);
        await Eventually.TrueAsync($"{listeners} listen to {channel}", async () => (long)(await bare.ArrayAsync("PUBSUB", "NUMSUB", channel))[1]! == listeners);
    }

    private static Task KeepsAsync(UnstaleCache cache, TrueNames names) => Eventually.TrueAsync("the new service keeps the name", async () =>
    {
        await names.NameAsync("1");
        return cache.TryGet("user:1", out string? _);
    });
}
