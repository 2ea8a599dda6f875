using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Support;
using Unstale.PostgreSql;
using Xunit;

namespace Unstale.DatabaseTests.PostgreSql.Capture;

/// <summary>Setup, status and drop.</summary>
[Collection<PostgresCollection>]
public sealed class CaptureSetupTests(PostgresServer server) : IAsyncLifetime
{
    private CaptureShop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await CaptureShop.CreateAsync(server);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task The_status_follows_setup_and_drop()
    {
        var node = await _shop.StartAsync(static o => o.IsReader = false, setsUp: false);
        var capture = node.Service<PostgreSqlChangeCapture>();
        Assert.Equal((false, false, null), await StatusAsync(capture));
        var status = await capture.SetupAsync(TestContext.Current.CancellationToken);
        Assert.Equal((true, false, "reserved"), (status.IsSetUp, status.IsReading, status.SlotState));
        Assert.Null(status.MaximumRetainedBytes);
        Assert.Contains("max_slot_wal_keep_size of the server is -1", Assert.Single(status.Warnings), StringComparison.Ordinal);

        var reader = await _shop.StartAsync(setsUp: true); // again, without effect
        await Eventually.TrueAsync("a process reads", async () => (await capture.GetStatusAsync()).IsReading);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => capture.DropAsync(TestContext.Current.CancellationToken));
        Assert.StartsWith($"A process reads the replication slot '{_shop.Slot}'", refused.Message, StringComparison.Ordinal);
        await _shop.EndAsync(reader);
        await Eventually.TrueAsync("no process reads", async () => !(await capture.GetStatusAsync()).IsReading);
        await capture.DropAsync(TestContext.Current.CancellationToken);
        Assert.Equal((false, false, null), await StatusAsync(capture));
    }

    [Theory]
    [InlineData("nowhere", "The table \"public\".\"nowhere\" does not exist")]
    [InlineData("log_lines", "The table \"public\".\"log_lines\", or a partition of it, has no replica identity")]
    public async Task A_table_whose_updates_would_fail_is_refused_before_it_is_published(string table, string message)
    {
        await _shop.Database.ExecuteAsync("CREATE TABLE log_lines (line text)");
        var node = await _shop.StartAsync(o => o.AddTable("products").AddTable(table), setsUp: false);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => node.Service<PostgreSqlChangeCapture>().SetupAsync(TestContext.Current.CancellationToken));
        Assert.StartsWith(message, refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, await _shop.Database.QueryAsync<long>("SELECT count(*) FROM pg_publication"));
    }

    [Fact]
    public async Task Identities_that_cost_precision_are_warnings()
    {
        await _shop.Database.ExecuteAsync(
            "CREATE TABLE by_key (id int PRIMARY KEY); CREATE TABLE by_index (id int PRIMARY KEY, code int NOT NULL UNIQUE); ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_index_code_key");
        var node = await _shop.StartAsync(static o => o.AddTable("products").AddTable("by_key").AddTable("by_index"), setsUp: false);
        var status = await node.Service<PostgreSqlChangeCapture>().SetupAsync(TestContext.Current.CancellationToken);
        Assert.Equal(3, status.Warnings.Count);
        Assert.Contains(status.Warnings, static warning => warning.StartsWith("The old values of \"public\".\"by_key\" are not captured", StringComparison.Ordinal));
        Assert.Contains(status.Warnings, static warning => warning.StartsWith("\"public\".\"by_index\" has REPLICA IDENTITY USING INDEX", StringComparison.Ordinal));
    }

    [Fact]
    public void Invalid_options_are_refused()
    {
        var services = new ServiceCollection();
        services.AddUnstale().UsePostgreSqlChangeCapture(static o => (o.Slot, o.MaximumLag) = ("A-slot", TimeSpan.Zero));
        using var provider = services.BuildServiceProvider();
        var refused = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptionsMonitor<ChangeCaptureOptions>>().Get("default"));
        Assert.Equal(4, refused.Failures.Count());
        Assert.Contains("The change capture has no tables", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Slot is 'A-slot'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("has no ConnectionString", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(static () => new ChangeCaptureOptions().AddTable("a.b.c"));
        Assert.Throws<ArgumentException>(static () => new ChangeCaptureOptions().AddTable("products").AddTable("public.products"));
    }

    private static async Task<(bool, bool, string?)> StatusAsync(PostgreSqlChangeCapture capture)
    {
        var status = await capture.GetStatusAsync(TestContext.Current.CancellationToken);
        return (status.IsSetUp, status.IsReading, status.SlotState);
    }
}
