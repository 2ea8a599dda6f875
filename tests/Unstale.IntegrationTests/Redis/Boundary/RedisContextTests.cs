using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Unstale.IntegrationTests.Support;
using Unstale.Redis.Channel;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Boundary;

/// <summary>Async locals of the request that first used Redis: no connection, loop or subscription holds them once the request has ended.</summary>
public sealed class RedisContextTests : IAsyncLifetime
{
    private static readonly AsyncLocal<object?> OfTheRequest = new();
    private RedisServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RedisServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("cache")]
    [InlineData("cache, while the server is away")]
    [InlineData("cache, swept on the server")]
    [InlineData("channel")]
    [InlineData("publisher")]
    public async Task Async_locals_of_the_first_request_are_collectable_after_it(string kind)
    {
        var (owner, request) = await RequestAsync(kind);
        await using (owner)
        {
            await Eventually.TrueAsync("what flowed with the request is collected", () =>
            {
                GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
                GC.WaitForPendingFinalizers();
                return Task.FromResult(!request.IsAlive);
            });
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Task<(IAsyncDisposable Owner, WeakReference Request)> RequestAsync(string kind) => Task.Run(async () =>
    {
        var request = new byte[1_000];
        OfTheRequest.Value = request;
        var owner = kind switch
        {
            "channel" => await SubscribedAsync(),
            "publisher" => await PublishedAsync(),
            _ => await UsedAsync(kind),
        };
        OfTheRequest.Value = null;
        return (owner, new WeakReference(request));
    });

    private async Task<IAsyncDisposable> SubscribedAsync()
    {
        var subscriber = InvalidationSubscriber.Create(_server.EndPoint.ToString());
        var subscription = subscriber.Subscribe(static (_, _) => default);
        await subscription.Subscribed.WaitAsync(Stop);
        return subscriber;
    }

    private async Task<IAsyncDisposable> PublishedAsync()
    {
        var publisher = InvalidationPublisher.Create(_server.EndPoint.ToString(), "service");
        await publisher.InvalidateUserAsync("1", Stop);
        return publisher;
    }

    private async Task<IAsyncDisposable> UsedAsync(string kind)
    {
        var at = kind == "cache, while the server is away" ? "127.0.0.1:1" : _server.EndPoint.ToString();
        var services = new ServiceCollection().AddLogging();
        services.AddUnstale().UseRedis(at);
        services.AddInvalidationLog(static o => (o.ShutdownTimeout, o.AppendTimeout) = (TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(50)));
        var provider = services.BuildServiceProvider();
        var cache = provider.GetRequiredService<UnstaleCache>();
        await cache.GetOrCreateAsync("k", static _ => new ValueTask<int>(1), tags: ["t"], cancellationToken: Stop);
        await cache.RemoveAsync("k", Stop);
        if (kind != "cache, while the server is away")
            await Eventually.TrueAsync("the node is trusted", () => Task.FromResult(cache.GetLogState().IsTrusted));
        await cache.GetOrCreateAsync("k", static _ => new ValueTask<int>(2), tags: ["t"], cancellationToken: Stop);
        if (kind == "cache, swept on the server")
            await cache.Invalidator.InvalidatePatternAsync(new GlobPattern("k*"), cancellationToken: Stop);
        return provider;
    }
}
