using System.Transactions;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Queries;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>The service scope of a load.</summary>
public sealed class LoadServicesTests
{
    private static readonly UnstaleEntryOptions Options = new() { Expiration = TimeSpan.FromMinutes(10), FreshFor = TimeSpan.FromSeconds(10) };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Ways => [.. AllWays.Keys];

    private static Dictionary<string, Func<CacheUnderTest, Func<LoadContext, ValueTask<string>>, Task<string>>> AllWays { get; } = new(StringComparer.Ordinal)
    {
        ["load"] = static (test, load) => test.Cache.GetOrCreateAsync("k", (c, _) => load(c), Options, cancellationToken: Stop).AsTask(),
        ["load with state"] = static (test, load) => test.Cache.GetOrCreateAsync("k", load, static (l, c, _) => l(c), Options, cancellationToken: Stop).AsTask(),
        ["load through a namespace"] = static (test, load) =>
            test.Cache.Namespace("n").GetOrCreateAsync("k", (c, _) => load(c), Options, cancellationToken: Stop).AsTask(),
        ["load in a transaction"] = static async (test, load) =>
        {
            using var transaction = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled);
            return await test.Cache.GetOrCreateAsync("k", (c, _) => load(c), Options, cancellationToken: Stop);
        },
        ["cached query"] = static (test, load) =>
            test.Services.GetRequiredService<QueryCache>().ExecuteAsync(new Query("k"), (_, c, _) => load(c), Stop).AsTask(),
        ["query without a key"] = static (test, load) =>
            test.Services.GetRequiredService<QueryCache>().ExecuteAsync(new Query(null), (_, c, _) => load(c), Stop).AsTask(),
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_load_has_its_own_service_scope_which_is_disposed_at_the_end_of_the_load(string way)
    {
        await using var test = NewCache();
        Service? first = null;
        LoadContext? left = null;
        var value = await AllWays[way](test, async context =>
        {
            left = context;
            await Task.Yield();
            first = context.Services.GetRequiredService<Service>();
            var branches = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => context.Services.GetRequiredService<Service>(), Stop)));
            Assert.All(branches, b => Assert.Same(first, b));
            Assert.False(first.IsDisposed);
            return "v";
        });
        Assert.Equal(("v", true), (value, first!.IsDisposed));
        Assert.NotSame(test.Services.GetRequiredService<Service>(), first);
        Assert.StartsWith("The load of '", Assert.Throws<ObjectDisposedException>(() => left!.Services).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_load_that_fails_disposes_its_services(string way)
    {
        await using var test = NewCache();
        Service? service = null;
        await Assert.ThrowsAsync<InvalidDataException>(() => AllWays[way](test, context =>
        {
            service = context.Services.GetRequiredService<Service>();
            throw new InvalidDataException();
        }));
        Assert.True(service!.IsDisposed);
    }

    [Fact]
    public async Task A_refresh_has_its_own_service_scope_that_outlives_the_scope_of_the_request()
    {
        await using var test = NewCache();
        var used = new List<Service>();
        var began = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        async ValueTask<string> LoadAsync(LoadContext context, CancellationToken token)
        {
            lock (used)
                used.Add(context.Services.GetRequiredService<Service>());
            if (used.Count == 2)
            {
                began.SetResult();
                await goOn.Task.WaitAsync(token);
            }

            return $"v{used.Count}";
        }

        Task<string> ReadAsync() => test.Cache.GetOrCreateAsync("k", LoadAsync, Options, cancellationToken: Stop).AsTask();
        await ReadAsync();
        test.Clock.Advance(TimeSpan.FromSeconds(11));
        await using (var request = test.Services.CreateAsyncScope())
        {
            await ReadAsync();
            await Eventually.Ends("the refresh has begun", began.Task);
            Assert.NotSame(request.ServiceProvider.GetRequiredService<Service>(), used[1]);
        }

        Assert.Equal((true, false), (used[0].IsDisposed, used[1].IsDisposed));
        goOn.SetResult();
        await Eventually.Holds("the refresh has ended", () => used[1].IsDisposed && test.Cache.Inspect("k")?.State == EntryState.Live);
        Assert.Equal("v2", await ReadAsync());
    }

    [Fact]
    public async Task A_service_that_throws_on_disposal_fails_the_load()
    {
        await using var test = NewCache();
        await Assert.ThrowsAsync<InvalidDataException>(() => test.Cache.GetOrCreateAsync(
            "k",
            static (context, _) =>
            {
                context.Services.GetRequiredService<Service>().FailsToEnd = true;
                return new ValueTask<string>("v");
            },
            Options,
            cancellationToken: Stop).AsTask());
        Assert.Null(test.Cache.Inspect("k"));
    }

    private static CacheUnderTest NewCache() => new(services: static services => services.AddScoped<Service>().AddUnstale().AddQueryCache());

    private sealed class Service : IAsyncDisposable
    {
        public bool IsDisposed { get; private set; }

        public bool FailsToEnd { get; set; }

        public async ValueTask DisposeAsync()
        {
            await Task.Yield();
            IsDisposed = true;
            if (FailsToEnd)
                throw new InvalidDataException();
        }
    }

    private sealed record Query(string? CacheKey) : ICacheableQuery;
}
