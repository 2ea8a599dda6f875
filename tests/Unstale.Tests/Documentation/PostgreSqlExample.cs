using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using Unstale.PostgreSql;
using Xunit;

namespace Unstale.Tests.Documentation;

public sealed class PostgreSqlExample
{
    [Fact]
    public async Task The_options_of_the_document_are_accepted()
    {
        var services = new ServiceCollection();
        await using var dataSource = NpgsqlDataSource.Create("Host=localhost");
        Register(services, "Host=localhost;Database=shop", dataSource);
        await using var provider = services.BuildServiceProvider();
        var options = provider.GetRequiredService<IOptionsMonitor<PostgreSqlLogOptions>>();
        Assert.Equal(("shop_cache", false), (options.Get("default").Schema, options.Get("default").CreateSchema));
        Assert.Same(dataSource, options.Get("orders").DataSource);
    }

    [Fact]
    public void The_settings_of_the_document_are_read()
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Log:ConnectionString"] = "Host=localhost", ["Log:Schema"] = "a", ["Log:CreateSchema"] = "false", ["Log:LogLength"] = "200", ["Log:PollInterval"] = "0.1",
            ["Log:RequestTimeout"] = "00:00:05",
        };
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        var services = new ServiceCollection();
        services.AddUnstale().UsePostgreSqlLog(configuration.GetSection("Log"));
        using var provider = services.BuildServiceProvider();
        var options = provider.GetRequiredService<IOptionsMonitor<PostgreSqlLogOptions>>().Get("default");
        Assert.Equal(("Host=localhost", "a", false, 200), (options.ConnectionString, options.Schema, options.CreateSchema, options.LogLength));
        Assert.Equal((100, 5_000), (options.PollInterval.TotalMilliseconds, options.RequestTimeout.TotalMilliseconds));
    }

    [Fact]
    public void The_script_names_the_schema()
    {
        Assert.Contains("CREATE TABLE IF NOT EXISTS shop_cache.records", Migration(), StringComparison.Ordinal);
        Assert.DoesNotContain("unstale_schema", Migration(), StringComparison.Ordinal);
    }

    private static void Register(IServiceCollection services, string? connectionString, NpgsqlDataSource dataSource)
    {
        services.AddUnstale(o => o.Log = "shop").UsePostgreSqlLog(connectionString, o =>
        {
            o.Schema = "shop_cache";                                    // another schema sees nothing of this one
            o.CreateSchema = false;                                     // a migration creates the tables
        });
        services.AddUnstale("orders").UsePostgreSqlLog(dataSource);     // the data source of the application, with its tokens and telemetry
        services.AddInvalidationLog("shop", o => o.StalenessBound = TimeSpan.FromSeconds(10));
    }

    private static string Migration()
    {
        var sql = PostgreSqlSchema.Script("shop_cache");                // for any migration tool; may run again
        return sql;
    }
}
