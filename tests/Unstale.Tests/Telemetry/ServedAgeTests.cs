using Microsoft.Extensions.DependencyInjection;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Telemetry;

/// <summary>Ages of values that are no plain hits.</summary>
public sealed class ServedAgeTests
{
    private const string Age = "unstale.cache.served.age/";

    private static readonly UnstaleEntryOptions Options = new() { Expiration = TimeSpan.FromMinutes(5), FreshFor = TimeSpan.FromMinutes(1) };

    private readonly string _cache = Guid.NewGuid().ToString();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stale_value_is_served_with_its_age_and_a_hit_is_not_measured()
    {
        using var listener = new Measurements("unstale.cache.name", _cache);
        await using var test = NewTest();
        var cache = test.Services.GetRequiredKeyedService<UnstaleCache>(_cache);
        await cache.SetAsync("k", "v", Options, cancellationToken: Stop);
        test.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(CacheOutcome.Memory, await ReadAsync(cache, new Source(), Options));
        Assert.DoesNotContain(listener.Recorded().Keys, static label => label.StartsWith(Age, StringComparison.Ordinal));

        test.Clock.Advance(TimeSpan.FromSeconds(45));
        Assert.Equal(CacheOutcome.Stale, await ReadAsync(cache, new Source(), Options));

        Assert.Equal(75, listener.Recorded()[Age + "stale"], 3);
    }

    [Fact]
    public async Task An_untrusted_value_is_served_with_its_age()
    {
        using var listener = new Measurements("unstale.cache.name", _cache);
        await using var cluster = new TestCluster(nodes: 0);
        var node = cluster.Add(more: services => services.AddUnstale(_cache, static o =>
        {
            (o.Log, o.WhenNotTrusted, o.ServeUntrustedFor) = ("shared", UntrustedReadBehavior.Serve, TimeSpan.FromMinutes(1));
        }));
        await Eventually.Holds("the node is trusted", () => node.IsTrusted);
        var cache = node.CacheNamed(_cache);
        cluster.Advance(3); // heartbeats report the time for which the cache may serve
        await Eventually.Holds("the node is trusted", () => node.IsTrusted);
        await cache.SetAsync("k", "v", cancellationToken: Stop);
        node.Faults.Refuses = static _ => true;
        node.Faults.DropsPushes = true;
        cluster.Advance(20);
        Assert.False(node.IsTrusted);

        Assert.Equal(CacheOutcome.Untrusted, await ReadAsync(cache, new Source()));

        Assert.Equal(20, listener.Recorded()[Age + "untrusted"], 1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_caller_that_joined_is_measured_from_the_start_of_its_load(bool withOutcome)
    {
        var joined = 0;
        using var listener = new Measurements("unstale.cache.name", _cache, label => joined += label == Age + "joined" ? 1 : 0);
        await using var test = NewTest();
        var cache = test.Services.GetRequiredKeyedService<UnstaleCache>(_cache);
        var source = new Source();
        source.Hold();
        var first = ReadAsync(test, source);
        await source.Started;
        test.Clock.Advance(TimeSpan.FromSeconds(7));
        Task[] others = [Join(), Join()];
        source.LetGo();
        await Task.WhenAll([first, .. others]);

        Assert.Equal(7, listener.Recorded()[Age + "joined"], 3);
        Assert.Equal(2, Volatile.Read(ref joined));

        Task Join() => withOutcome
            ? ReadAsync(test, source)
            : cache.GetOrCreateAsync("k", source, static (s, token) => s.LoadAsync(token), cancellationToken: Stop).AsTask();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stale_value_in_place_of_a_load_that_took_too_long_is_measured(bool withOutcome)
    {
        using var listener = new Measurements("unstale.cache.name", _cache);
        await using var test = NewTest();
        var cache = test.Services.GetRequiredKeyedService<UnstaleCache>(_cache);
        var source = new Source();
        source.Hold();
        var limited = new UnstaleEntryOptions { LoadTimeout = TimeSpan.FromSeconds(2) };
        var first = ReadAsync(test, source, limited);
        await source.Started;
        Task other = withOutcome
            ? ReadAsync(test, source, limited)
            : cache.GetOrCreateAsync("k", source, static (s, token) => s.LoadAsync(token), cancellationToken: Stop).AsTask();
        await cache.SetAsync("k", "set", new UnstaleEntryOptions { Expiration = TimeSpan.FromMinutes(5), FreshFor = TimeSpan.FromMilliseconds(500) }, cancellationToken: Stop);

        await Eventually.Ends("the load is abandoned", Task.WhenAll(first, other), () => test.Clock.Advance(TimeSpan.FromMilliseconds(100)));

        Assert.InRange(listener.Recorded()[Age + "stale"], 1.5, 3);
        source.LetGo();
    }

    private CacheUnderTest NewTest() => new(services: services => services.AddUnstale(_cache));

    private async Task<CacheOutcome> ReadAsync(CacheUnderTest test, Source source, UnstaleEntryOptions? options = null) =>
        await ReadAsync(test.Services.GetRequiredKeyedService<UnstaleCache>(_cache), source, options);

    private static async Task<CacheOutcome> ReadAsync(UnstaleCache cache, Source source, UnstaleEntryOptions? options = null) =>
        (await cache.GetOrCreateResultAsync("k", source, static (s, _, token) => s.LoadAsync(token), options, cancellationToken: Stop)).Outcome;
}
