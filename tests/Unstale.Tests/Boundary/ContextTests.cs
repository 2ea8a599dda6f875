using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Unstale.Queries;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Boundary;

/// <summary>State that flows with a request (user, tenant, the request itself) is collectable after the request has ended.</summary>
public sealed class ContextTests
{
    private static readonly AsyncLocal<object?> OfTheRequest = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Kinds =>
    [
        "made and read", "batched", "repeated", "told to a target", "published", "refreshed", "swept", "waited for by everyone", "a log that never answers", "cancelled",
        "inside suppressed flow",
    ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Async_locals_of_the_first_request_are_collectable_after_it(string kind)
    {
        var (services, request) = await RequestAsync(kind);
        await using (services)
        {
            await Eventually.Holds("what flowed with the request is collected", () => !request.IsAlive, static () =>
            {
                GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
                GC.WaitForPendingFinalizers();
            });
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Task<(ServiceProvider Services, WeakReference Request)> RequestAsync(string kind) => Task.Run(async () =>
    {
        var request = new byte[1_000];
        OfTheRequest.Value = request;
        var services = Build(kind);
        if (kind == "inside suppressed flow")
        {
            await UseSuppressedAsync(services);
        }
        else
        {
            await UseAsync(services, kind);
        }

        OfTheRequest.Value = null;
        return (services, new WeakReference(request));
    });

    private static Task UseSuppressedAsync(ServiceProvider services)
    {
        using (ExecutionContext.SuppressFlow())
            return UseAsync(services, "made and read");
    }

    private static ServiceProvider Build(string kind)
    {
        var collection = new ServiceCollection().AddLogging();
        var builder = collection.AddUnstale(o =>
        {
            o.BatchDelay = TimeSpan.FromHours(1);
            o.ReplicationLag = kind == "repeated" ? TimeSpan.FromHours(1) : TimeSpan.Zero;
        });
        collection.AddInvalidationLog(static o => o.ShutdownTimeout = o.AppendTimeout = TimeSpan.FromMilliseconds(10));
        builder.AddSink("target", static (_, _) => default).AddDomainEvents(static o => o.ShutdownTimeout = TimeSpan.FromMilliseconds(10));
        if (kind == "a log that never answers")
            collection.AddKeyedSingleton<Unstale.Log.IInvalidationLog>("default", new SilentLog());
        return collection.BuildServiceProvider();
    }

    private static void Publish(IDomainEvents events) => events.Publish("something");

    private static async Task UseAsync(ServiceProvider services, string kind)
    {
        var cache = services.GetRequiredService<UnstaleCache>();
        await cache.GetOrCreateAsync("k", static _ => new ValueTask<int>(1), new UnstaleEntryOptions { FreshFor = TimeSpan.FromMilliseconds(1) }, ["t"]);
        var receipt = await cache.Invalidator.InvalidateTagAsync("u");
        switch (kind)
        {
            case "batched":
                cache.Invalidator.InvalidateLater(tags: ["t"]);
                break;
            case "told to a target":
                foreach (var dispatcher in services.GetServices<IHostedService>())
                    await dispatcher.StartAsync(Stop);
                await cache.Invalidator.InvalidateTagAsync("v");
                break;
            case "published":
                var events = services.GetRequiredService<IDomainEvents>();
                Publish(events);
                await events.DrainAsync();
                break;
            case "refreshed":
                await Eventually.Holds("the value is stale", () => cache.Inspect("k") is { State: EntryState.Stale });
                await cache.GetOrCreateAsync("k", static _ => new ValueTask<int>(2));
                break;
            case "swept":
                await receipt.WaitForReclaimAsync();
                break;
            case "waited for by everyone":
                await receipt.WaitForAllNodesAsync();
                break;
            case "cancelled":
                using (var leave = new CancellationTokenSource())
                {
                    var call = cache.GetOrCreateAsync("c", async token => { await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token); return 1; }, cancellationToken: leave.Token).AsTask();
                    await leave.CancelAsync();
                    await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
                }

                break;
            default:
                break;
        }
    }
}
