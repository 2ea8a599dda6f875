using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using Unstale.PostgreSql;
using Unstale.PostgreSql.Hosting;
using Xunit;

namespace Unstale.Tests.PostgreSql;

public sealed class PostgreSqlOptionsTests
{
    [Fact]
    public void The_defaults_are_as_documented()
    {
        var options = new PostgreSqlLogOptions();
        Assert.Equal(("", "unstale", true, 100_000), (options.ConnectionString, options.Schema, options.CreateSchema, options.LogLength));
        Assert.Equal((TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(2)), (options.PollInterval, options.RequestTimeout));
        Assert.Null(options.DataSource);
    }

    [Theory]
    [InlineData("Host=localhost", "", "Schema is ''. Use 1 to 40 lower-case letters, digits and underscores, the first of them a letter, and not the prefix pg_, which PostgreSQL reserves.")]
    [InlineData("Host=localhost", "pg_x", "Schema is 'pg_x'. Use")]
    [InlineData("Host=localhost", "a;drop", "Schema is 'a;drop'. Use")]
    [InlineData("Host=localhost", "1a", "Schema is '1a'. Use")]
    [InlineData("Database=x", "unstale", "ConnectionString has no Host. Add Host=... to the connection string.")]
    [InlineData("s3cr3t", "unstale", "ConnectionString is not a connection string of Npgsql. Compare the string with Host=...;Database=...;Username=...;Password=..., and put a value with a ';' or '=' into double quotes.")]
    [InlineData("Host=h;Port=s3cr3t", "unstale", "ConnectionString is not a connection string of Npgsql.")]
    public void A_wrong_text_is_refused_without_repeating_a_secret(string connectionString, string schema, string expected)
    {
        var refused = Refused(o => (o.ConnectionString, o.Schema) = (connectionString, schema));
        Assert.StartsWith("Cache 'default': " + expected, refused, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", refused, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_and_times_outside_their_ranges_are_refused()
    {
        Assert.Contains("LogLength", Refused(o => o.LogLength = 99), StringComparison.Ordinal);
        Assert.Contains("PollInterval", Refused(o => o.PollInterval = TimeSpan.Zero), StringComparison.Ordinal);
        Assert.Contains("RequestTimeout", Refused(o => o.RequestTimeout = TimeSpan.FromHours(1)), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_databases_are_refused()
    {
        using var source = NpgsqlDataSource.Create("Host=localhost");
        Assert.Equal("Cache 'default': ConnectionString and DataSource are both set. Keep one of the two.", Refused(o => o.DataSource = source));
    }

    [Fact]
    public void A_second_level_of_another_log_is_refused()
    {
        var services = new ServiceCollection();
        services.AddUnstale().UsePostgreSqlLog("Host=localhost");
        services.AddKeyedSingleton<Unstale.Remote.IRemoteStore>("default", (_, _) => null!);
        Assert.Equal(
            "Cache 'default': UsePostgreSqlLog and UseRedis were both called. A second level in Redis belongs to a log in Redis. Remove one of the two calls.", Refusal(services));
    }

    [Fact]
    public void A_missing_connection_string_names_its_source_and_the_setting()
    {
        var configuration = new ConfigurationBuilder().Build();
        var services = new ServiceCollection();
        services.AddUnstale().UsePostgreSqlLog(configuration.GetConnectionString("shop"));
        Assert.Equal(
            "Cache 'default': UsePostgreSqlLog received no connection string: configuration.GetConnectionString(\"shop\") is null or empty. Set ConnectionStrings:shop in the configuration (environment variable ConnectionStrings__shop).",
            Refusal(services));
        string? none = null;
        services = [];
        services.AddUnstale().UsePostgreSqlLog(none);
        Assert.EndsWith("none is null or empty. Set the value, or do not call UsePostgreSqlLog.", Refusal(services), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_database_the_container_must_have_a_data_source()
    {
        var services = new ServiceCollection();
        services.AddUnstale().UsePostgreSqlLog(_ => { });
        using var provider = services.BuildServiceProvider();
        var refused = Assert.Throws<InvalidOperationException>(() => provider.GetRequiredService<UnstaleCache>());
        Assert.StartsWith("UsePostgreSqlLog was called without a connection string, and the container has no NpgsqlDataSource. Register", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_section_with_an_unknown_key_or_none_is_refused()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Log:Shema", "x")]).Build();
        var unknown = Assert.Throws<InvalidOperationException>(() => PostgreSqlOptionsReader.Bind(configuration.GetSection("Log"), new PostgreSqlLogOptions()));
        Assert.StartsWith("The options of the log in PostgreSQL at 'Log:Shema' of the configuration are invalid.", unknown.Message, StringComparison.Ordinal);
        var missing = Assert.Throws<InvalidOperationException>(() => PostgreSqlOptionsReader.Bind(configuration.GetSection("Other"), new PostgreSqlLogOptions()));
        Assert.EndsWith(Unstale.PostgreSql.Errors.NoSection, missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Caches_that_place_one_log_in_two_schemas_are_refused_without_their_passwords()
    {
        var services = new ServiceCollection();
        services.AddUnstale("a", o => o.Log = "log").UsePostgreSqlLog("Host=h;Database=d;Username=u;Password=s3cr3t");
        services.AddUnstale("b", o => o.Log = "log").UsePostgreSqlLog("Host=h;Database=d;Username=u;Password=s3cr3t", o => o.Schema = "other");
        using var provider = services.BuildServiceProvider();
        var refused = Assert.ThrowsAny<Exception>(() => provider.GetRequiredKeyedService<UnstaleCache>("a"));
        Assert.Contains("PostgreSQL at h:5432/d (Schema 'other'", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_script_for_a_schema_that_is_not_permitted_is_refused() =>
        Assert.StartsWith("Schema is 'x y'.", Assert.Throws<ArgumentException>(() => PostgreSqlSchema.Script("x y")).Message, StringComparison.Ordinal);

    private static string Refused(Action<PostgreSqlLogOptions> change)
    {
        var services = new ServiceCollection();
        services.AddUnstale().UsePostgreSqlLog("Host=localhost", change);
        return Refusal(services);
    }

    private static string Refusal(ServiceCollection services)
    {
        using var provider = services.BuildServiceProvider();
        return Assert.Single(Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptionsMonitor<PostgreSqlLogOptions>>().Get("default")).Failures);
    }
}
