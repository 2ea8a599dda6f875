using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using NSubstitute;
using Unstale.Sinks;
using Unstale.Tests.Sinks;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Documentation;

/// <summary>Examples of docs/sinks.md.</summary>
public sealed class SinksExample
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_sinks_of_the_page_receive_invalidations()
    {
        var other = Substitute.For<HybridCache>();
        var network = new Network();
        var target = new RecordingSink();
        var services = new ServiceCollection().AddLogging().AddMemoryCache();
        services.AddKeyedSingleton("sessions", other);
        var searches = new HashSet<string>(["product:7", "product:8", "user:1"], StringComparer.Ordinal);
        Add(services, searches, network);
        services.AddUnstale("default").AddSink("heard", _ => target);
        await using var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<IInvalidator>().InvalidateAsync(["product:7"], patterns: [new GlobPattern("user:*")], cancellationToken: Stop);
        await Eventually.Holds("all are told", () => target.Words.Count == 1 && other.ReceivedCalls().Any() && network.Purged.Count == 1 && searches.Count == 1);
        Assert.Equal(["*"], network.Purged);
        Assert.Equal(["product:8"], searches);
    }

    private static void Add(IServiceCollection services, HashSet<string> searches, Network network)
    {
        services.AddUnstale()
            .AddMemoryCacheSink(map => map.KeysOfTag = tag => tag == "settings" ? ["settings:mail", "settings:shop"] : [])
            .AddHybridCacheSink("sessions", s => s.GetRequiredKeyedService<HybridCache>("sessions"))
            .AddSink("search", SinkCapabilities.Keys | SinkCapabilities.Patterns | SinkCapabilities.Everything, (invalidation, _) =>
            {
                if (invalidation.IsEverything)
                    searches.Clear();
                searches.ExceptWith(invalidation.Keys);
                searches.RemoveWhere(key => invalidation.Patterns.Any(pattern => pattern.IsMatch(key)));
                return ValueTask.CompletedTask;
            })
            .AddSink("network", _ => new NetworkSink(network), options => options.EverythingAtStart = false);
    }

    /// <summary>A content delivery network as its client library presents it.</summary>
    internal sealed class Network
    {
        public System.Collections.Concurrent.ConcurrentQueue<string> Purged { get; } = [];

        public Task PurgeAsync(IEnumerable<string> tags, CancellationToken cancellationToken)
        {
            Purged.Enqueue(string.Join(' ', tags));
            return Task.CompletedTask;
        }
    }

    internal sealed class NetworkSink(Network network) : IInvalidationSink
    {
        public SinkCapabilities Capabilities => SinkCapabilities.Tags | SinkCapabilities.Everything;

        public async ValueTask InvalidateAsync(SinkInvalidation invalidation, CancellationToken cancellationToken) =>
            await network.PurgeAsync(invalidation.IsEverything ? ["*"] : invalidation.Tags, cancellationToken);
    }
}
