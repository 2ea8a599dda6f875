using System.Data.Common;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Unstale.Tests.Support;

namespace Unstale.IntegrationTests.Shop;

/// <summary>The shop itself, on a port of its own, over a file and a clock of the test's.</summary>
internal sealed class ShopHost : WebApplicationFactory<Program>
{
    private readonly string _database;

    public ShopHost(string database)
    {
        _database = database;
        UseKestrel(0);
    }

    public ManualTimeProvider Clock { get; } = new();

    public FaultySource Source => (FaultySource)Services.GetRequiredService<DbDataSource>();

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting("ConnectionStrings:Shop", $"Data Source={_database}");
        builder.ConfigureLogging(static logging => logging.ClearProviders());
        builder.ConfigureTestServices(services =>
        {
            services.AddSingleton<TimeProvider>(Clock);
            var real = services.Last(static service => service.ServiceType == typeof(DbDataSource));
            services.AddSingleton<DbDataSource>(provider => new FaultySource((DbDataSource)real.ImplementationFactory!(provider)));
        });
    }
}
