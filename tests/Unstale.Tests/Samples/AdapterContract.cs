using Adapters;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Samples;

/// <summary>Behaviour common to the adapters of <c>samples/Adapters</c>, each run in a host with its library.</summary>
public abstract class AdapterContract : IAsyncLifetime
{
    private IHost _host = null!;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    protected Shelf Shelf { get; } = new();

    protected IServiceProvider Services => _host.Services;

    public async ValueTask InitializeAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(Shelf);
        builder.Services.AddScoped<IProductStore, Shelf.Store>();
        Add(builder);
        _host = builder.Build();
        await _host.StartAsync(Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_query_is_executed_once_until_a_command_succeeds()
    {
        Assert.Equal("Lamp", (await GetAsync(Stop)).Name);
        Assert.Equal("Lamp", (await GetAsync(Stop)).Name);
        Assert.Equal(1, Shelf.Reads);
        Assert.True(await RenameAsync("Desk lamp"));
        Assert.Equal("Desk lamp", (await GetAsync(Stop)).Name);
        Assert.Equal("Desk lamp", (await GetAsync(Stop)).Name);
        Assert.Equal(2, Shelf.Reads);
    }

    [Fact]
    public async Task A_command_that_throws_invalidates_nothing()
    {
        await GetAsync(Stop);
        var thrown = await Assert.ThrowsAnyAsync<Exception>(() => RenameAsync(""));
        Assert.Contains("cannot be an empty string", thrown.Message, StringComparison.Ordinal);
        await GetAsync(Stop);
        Assert.Equal(1, Shelf.Reads);
    }

    [Fact]
    public async Task A_command_that_fails_invalidates_nothing()
    {
        await GetAsync(Stop);
        Assert.False(await RenameAsync("taken"));
        await GetAsync(Stop);
        Assert.Equal(1, Shelf.Reads);
    }

    [Fact]
    public async Task An_event_invalidates_and_may_arrive_twice()
    {
        await GetAsync(Stop);
        Shelf[4] = "Desk lamp";
        Assert.Equal("Lamp", (await GetAsync(Stop)).Name);
        await PublishAsync();
        await ReadsAsync("Desk lamp");
        Shelf[4] = "Floor lamp";
        await PublishAsync();
        await ReadsAsync("Floor lamp");
    }

    [Fact]
    public async Task Concurrent_equal_queries_are_executed_once()
    {
        var gate = Close();
        var reads = Enumerable.Range(0, 5).Select(_ => GetAsync(Stop)).ToList();
        await Eventually.Holds("the handler runs", () => Shelf.Reads > 0);
        gate.SetResult();
        Assert.All(await Task.WhenAll(reads), static product => Assert.Equal("Lamp", product.Name));
        Assert.Equal(1, Shelf.Reads);
    }

    protected abstract void Add(IHostApplicationBuilder builder);

    /// <summary>Reads product 4 in a scope of its own.</summary>
    protected abstract Task<Product> GetAsync(CancellationToken token);

    /// <summary>Renames product 4 in a scope of its own. Returns false if the command has failed.</summary>
    protected abstract Task<bool> RenameAsync(string name);

    /// <summary>Publishes that product 4 has been renamed.</summary>
    protected abstract Task PublishAsync();

    protected async Task<T> InScopeAsync<TService, T>(Func<TService, Task<T>> call)
        where TService : notnull
    {
        ArgumentNullException.ThrowIfNull(call);
        await using var scope = Services.CreateAsyncScope();
        return await call(scope.ServiceProvider.GetRequiredService<TService>());
    }

    protected TaskCompletionSource Close()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Shelf.Gate = gate.Task;
        return gate;
    }

    /// <summary>Reads until the event, which some libraries handle in the background, has invalidated the result.</summary>
    private async Task ReadsAsync(string name)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20), TimeProvider.System);
        while ((await GetAsync(limit.Token)).Name != name)
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, limit.Token);
    }
}
