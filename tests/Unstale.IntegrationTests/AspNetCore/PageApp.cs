using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Unstale.IntegrationTests.AspNetCore;

/// <summary>Application whose pages are cached, on its own port.</summary>
internal sealed class PageApp : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _client = new();
    private int _made;

    private PageApp(WebApplication app) => _app = app;

    public IServiceProvider Services => _app.Services;

    public UnstaleCache Cache => Services.GetRequiredService<UnstaleCache>();

    /// <summary>Number of pages generated.</summary>
    public int Made => Volatile.Read(ref _made);

    /// <summary>Callback that runs while a page is generated.</summary>
    public Func<Task> Making { get; set; } = static () => Task.CompletedTask;

    public static async Task<PageApp> StartAsync(Action<IUnstaleBuilder> configure, Action<IServiceCollection>? more = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = ["--urls", "http://127.0.0.1:0"] });
        builder.Logging.ClearProviders();
        more?.Invoke(builder.Services);
        AddPages(builder.Services);
        configure(builder.Services.AddUnstale());
        var page = new PageApp(builder.Build());
        await page.StartAsync();
        return page;
    }

    public async Task<string> GetAsync(string path)
    {
        using var response = await _client.GetAsync(new Uri(new Uri(_app.Urls.Single()), path));
        return await response.Content.ReadAsStringAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    private static void AddPages(IServiceCollection services) => services.AddOutputCache();

    private static void MapPages(WebApplication app, Func<int, Task<string>> page)
    {
        app.UseOutputCache();
        app.MapGet("/products/{id:int}", page).CacheOutput(policy => policy.AddPolicy<ProductTag>().Expire(TimeSpan.FromHours(1)));
        app.MapGet("/catalogue", () => page(0)).CacheOutput(policy => policy.Tag("catalogue"));
        app.MapGet("/uncached", () => page(0));
    }

    private Task StartAsync()
    {
        MapPages(_app, async id =>
        {
            var number = Interlocked.Increment(ref _made);
            await Making();
            return $"product {id}, made as page {number}";
        });
        return _app.StartAsync();
    }

    /// <summary>Adds the product's tag to a page about a product.</summary>
    private sealed class ProductTag : IOutputCachePolicy
    {
        public ValueTask CacheRequestAsync(OutputCacheContext context, CancellationToken cancellation)
        {
            context.Tags.Add($"product:{context.HttpContext.Request.RouteValues["id"]}");
            return ValueTask.CompletedTask;
        }

        public ValueTask ServeFromCacheAsync(OutputCacheContext context, CancellationToken cancellation) => ValueTask.CompletedTask;

        public ValueTask ServeResponseAsync(OutputCacheContext context, CancellationToken cancellation) => ValueTask.CompletedTask;
    }
}
