using Microsoft.Extensions.DependencyInjection;
using Unstale.Hosting;
using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Hosting;

/// <summary>Sources of a cache's log.</summary>
public sealed class LogSourceTests
{
    private readonly List<string> _reported = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cache_without_a_source_applies_the_records_of_a_log_that_another_cache_registered()
    {
        await using var services = Build(
            s => Add(s, "shop", "the shop's log", "here"),
            s => s.AddUnstale("cart", o => o.Log = "the shop's log"),
            s => s.AddUnstale("apart"));
        var (cart, shop, apart) = (Cache(services, "cart"), Cache(services, "shop"), Cache(services, "apart"));
        await cart.SetAsync("k", 1, cancellationToken: Stop);
        await apart.SetAsync("k", 1, cancellationToken: Stop);
        await shop.RemoveAsync("k", Stop);
        Assert.Equal((false, true), (cart.TryGet("k", out int _), apart.TryGet("k", out int _)));
        Assert.Equal(["shop makes the shop's log"], _reported);
    }

    [Fact]
    public async Task Two_caches_with_the_same_place_share_one_log()
    {
        await using var services = Build(s => Add(s, "b", "log", "here"), s => Add(s, "a", "log", "here"));
        await Cache(services, "a").SetAsync("k", 1, cancellationToken: Stop);
        await Cache(services, "b").RemoveAsync("k", Stop);
        Assert.False(Cache(services, "a").TryGet("k", out int _));
        Assert.Equal(["a makes log"], _reported);
    }

    [Fact]
    public async Task Two_places_for_one_log_are_refused()
    {
        await using var services = Build(s => Add(s, "b", "log", "there"), s => Add(s, "a", "log", "here"), s => Add(s, "c", "other", "elsewhere"));
        var refused = Assert.Throws<InvalidOperationException>(() => Cache(services, "b"));
        Assert.Equal(
            "The caches 'a' and 'b' use the log 'log' in different places: here, and there. Configure the same place for both caches, or set another Log for one of them.",
            refused.Message);
        Assert.NotNull(Cache(services, "c"));
    }

    [Fact]
    public async Task A_source_beside_a_registered_log_is_refused()
    {
        await using var services = Build(s => Add(s, "a", "log", "here"), s => s.AddKeyedSingleton<IInvalidationLog>("log", new InProcessLog()));
        var refused = Assert.Throws<InvalidOperationException>(() => Cache(services, "a"));
        Assert.Equal("The log 'log' is registered as a keyed service, and the cache 'a' configures it in here. Remove one of the two.", refused.Message);
    }

    [Fact]
    public async Task Objects_shared_by_the_log_sources_are_disposed_after_the_logs()
    {
        await using (var services = Build(s => Add(s, "a", "log", "here")))
            Assert.NotNull(Cache(services, "a"));
        Assert.Equal(["a makes log", "log is disposed", "source is disposed"], _reported);
    }

    private static UnstaleCache Cache(IServiceProvider services, string name) => services.GetRequiredKeyedService<UnstaleCache>(name);

    private static ServiceProvider Build(params Action<IServiceCollection>[] add)
    {
        var services = new ServiceCollection();
        foreach (var one in add)
            one(services);
        return services.BuildServiceProvider();
    }

    private void Add(IServiceCollection services, string cache, string log, string place)
    {
        services.AddUnstale(cache, o => o.Log = log);
        services.AddKeyedSingleton<ILogSource>(cache, (_, _) => new Source(cache, place, _reported));
    }

    private sealed class Source(string cache, string place, List<string> reported) : ILogSource, IDisposable
    {
        public string Cache => cache;

        public string Place => place;

        public IInvalidationLog Create(string log, int partition)
        {
            reported.Add($"{cache} makes {log}");
            return new ReportedLog(new InProcessLog(log), reported);
        }

        public void Dispose() => reported.Add("source is disposed");
    }

    private sealed class ReportedLog(InProcessLog log, List<string> reported) : IInvalidationLog
    {
        public string Name => log.Name;

        public bool IsLocal => log.IsLocal;

        public ILogSession Open(ILogObserver observer) => log.Open(observer);

        public ValueTask DisposeAsync()
        {
            reported.Add("log is disposed");
            return log.DisposeAsync();
        }
    }
}
