using System.Data.Common;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Unstale.Queries;
using global::Shop;

namespace Unstale.IntegrationTests.Shop;

/// <summary>Shop in the test process, composed as in its program, on its own port, with a database and a clock of the test.</summary>
internal sealed class ShopHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ShopHost(WebApplication app, FakeTimeProvider clock)
    {
        _app = app;
        Clock = clock;
    }

    public FakeTimeProvider Clock { get; }

    public Uri Address => new(_app.Urls.Single());

    public FaultySource Source => (FaultySource)_app.Services.GetRequiredService<DbDataSource>();

    /// <summary>Caches of the two nodes.</summary>
    public IReadOnlyList<UnstaleCache> Nodes => [_app.Services.GetRequiredService<UnstaleCache>(), _app.Services.GetRequiredKeyedService<UnstaleCache>("node-b")];

    public IDomainEvents Events => _app.Services.GetRequiredService<IDomainEvents>();

    public static async Task<ShopHost> StartAsync(string database, string environment = "Development", string data = "Dapper")
    {
        var clock = new FakeTimeProvider();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = "Shop",
            EnvironmentName = environment,
            Args = ["--urls", "http://127.0.0.1:0", "--ConnectionStrings:Shop", database, "--Shop:DataAccess", data],
        });
        builder.AddShop();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<TimeProvider>(clock);
        var real = builder.Services.Last(static service => service.ServiceType == typeof(DbDataSource));
        builder.Services.AddSingleton<DbDataSource>(services => new FaultySource((DbDataSource)real.ImplementationFactory!(services)));
        var app = builder.Build();
        app.MapShop();
        if (!await app.PrepareAsync() || !await app.ListenAsync())
            throw new InvalidOperationException("The shop did not start; what it wrote says why.");
        return new ShopHost(app, clock);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
