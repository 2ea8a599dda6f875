using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Unstale.PostgreSql;
using Unstale.PostgreSql.Hosting;
using Xunit;

namespace Unstale.Tests.PostgreSql;

/// <summary>Options of the outbox and of change capture from sections of the configuration.</summary>
public sealed class PostgreSqlSectionTests
{
    private const string OutboxKeys = "Schema, CreateSchema, IsRelay, PollInterval, BatchSize, Retention";
    private const string CaptureKeys = "ConnectionString, Slot, Publication, IsReader, MaximumLag, Heartbeat, Tables";

    [Fact]
    public void Every_option_is_a_key()
    {
        Assert.Equal(NamesOf(typeof(OutboxOptions)).Except([nameof(OutboxOptions.DataSource)], StringComparer.Ordinal), OutboxOptionsReader.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(NamesOf(typeof(ChangeCaptureOptions)), ChangeCaptureOptionsReader.Keys.Except(["Tables"], StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_outbox_reads_its_section_and_code_may_change_it()
    {
        var section = Section("""{ "schema": "shop", "CreateSchema": "false", "IsRelay": false, "PollInterval": "0.2", "BatchSize": 20, "Retention": "01:00:00" }""");
        var options = Options<OutboxOptions>(services => services.AddUnstale().UsePostgreSqlOutbox(section, static o => o.BatchSize++));
        Assert.Equal(("shop", false, false), (options.Schema, options.CreateSchema, options.IsRelay));
        Assert.Equal((TimeSpan.FromMilliseconds(200), 21, TimeSpan.FromHours(1)), (options.PollInterval, options.BatchSize, options.Retention));
    }

    [Fact]
    public void Change_capture_reads_its_section_with_tables_and_code_may_change_it()
    {
        var section = Section(
            """
            {
              "ConnectionString": "Host=db;Username=shop", "Slot": "a", "Publication": "b", "IsReader": false, "MaximumLag": 20, "Heartbeat": "00:00:02",
              "Tables": ["products", { "Name": "orders.lines", "Resource": "order-lines", "IgnoredColumns": ["seen", "read"] }]
            }
            """);
        var options = Options<ChangeCaptureOptions>(services => services.AddUnstale().UsePostgreSqlChangeCapture(section, static o => o.AddTable("users")));
        Assert.Equal(("Host=db;Username=shop", "a", "b", false), (options.ConnectionString, options.Slot, options.Publication, options.IsReader));
        Assert.Equal((TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(2)), (options.MaximumLag, options.Heartbeat));
        Assert.Equal(
            ["public.products products ", "orders.lines order-lines read,seen", "public.users users "],
            options.Tables.Select(static table => $"{table.Schema}.{table.Name} {table.Resource} {string.Join(',', table.Ignored.Order(StringComparer.Ordinal))}"));
    }

    [Theory]
    [InlineData("""{ "Retain": 5 }""", ":Retain' of the configuration are invalid. The key is unknown. Known keys are " + OutboxKeys + ".")]
    [InlineData("""{ "DataSource": "x" }""", ":DataSource' of the configuration are invalid. The key is unknown. Known keys are " + OutboxKeys + ".")]
    [InlineData("""{ "BatchSize": "many" }""", ":BatchSize' of the configuration are invalid. 'many' is ")]
    [InlineData("""{ "PollInterval": "soon" }""", ":PollInterval' of the configuration are invalid. 'soon' is ")]
    [InlineData("""{ "IsRelay": "perhaps" }""", ":IsRelay' of the configuration are invalid. 'perhaps' is ")]
    [InlineData("{ }", "' of the configuration are invalid. " + "The section does not exist. Pass the section that contains the options of the outbox.")]
    public void An_invalid_setting_of_the_outbox_is_refused_with_its_path(string json, string message)
    {
        var refused = Assert.Throws<InvalidOperationException>(() => OutboxOptionsReader.Bind(Section(json), new OutboxOptions()));
        Assert.StartsWith("The options of the outbox at 'Part" + message, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "Slots": "x" }""", ":Slots' of the configuration are invalid. The key is unknown. Known keys are " + CaptureKeys + ".")]
    [InlineData("""{ "Heartbeat": "1x" }""", ":Heartbeat' of the configuration are invalid. '1x' is ")]
    [InlineData("""{ "Tables": "products" }""", ":Tables' of the configuration are invalid. Expected a list")]
    [InlineData("""{ "Tables": ["a.b.c"] }""", ":Tables:0' of the configuration are invalid. 'a.b.c' is no name of a table.")]
    [InlineData("""{ "Tables": ["a", { "Name": "public.a" }] }""", ":Tables:1:Name' of the configuration are invalid. The table 'public.a' was added before.")]
    [InlineData("""{ "Tables": [{ "Resource": "a" }] }""", ":Tables:0:Name' of the configuration are invalid. The table has no Name. Add the name of the table.")]
    [InlineData("""{ "Tables": [{ "Table": "a" }] }""", ":Tables:0:Table' of the configuration are invalid. The key is unknown. Known keys are Name, Resource, IgnoredColumns.")]
    [InlineData("{ }", "' of the configuration are invalid. The section does not exist. Pass the section that contains the options of the change capture.")]
    public void An_invalid_setting_of_change_capture_is_refused_with_its_path(string json, string message)
    {
        var refused = Assert.Throws<InvalidOperationException>(() => ChangeCaptureOptionsReader.Bind(Section(json), new ChangeCaptureOptions()));
        Assert.StartsWith("The options of the change capture at 'Part" + message, refused.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> NamesOf(Type options) =>
        options.GetProperties().Where(static one => one.CanWrite).Select(static one => one.Name).Order(StringComparer.Ordinal);

    private static IConfigurationSection Section(string json)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes($$"""{ "Part": {{json}} }"""));
        return new ConfigurationBuilder().AddJsonStream(stream).Build().GetSection("Part");
    }

    private static T Options<T>(Action<IServiceCollection> register)
    {
        var services = new ServiceCollection();
        register(services);
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptionsMonitor<T>>().Get("default");
    }
}
