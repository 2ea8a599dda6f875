using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Unstale.IntegrationTests.Support;
using Unstale.Redis.Channel;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

/// <summary>Shop beside services that use only the channel, not its log.</summary>
public sealed class ChannelTests() : ClusterTest(null)
{
    private const string Path = "/products/production/4";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"Custom":"product"}""", "\"production:4\"", "null", "Delete")]
    [InlineData("""{"Custom":"product"}""", "\"4\"", "null", "Update")]
    [InlineData("""{"Custom":"batch"}""", "null", "[\"product:production:4\"]", "Batch")]
    public async Task A_message_of_another_service_invalidates_a_product_on_both_nodes(string type, string id, string keys, string action)
    {
        await Here.WarmAsync(Path);
        await There.WarmAsync(Path);
        await ChangePriceAsync(77);
        Assert.NotEqual(77m, await There.PriceAsync(Path));
        var message = $$"""{"message_id":"{{Guid.NewGuid()}}","entity_type":{{type}},"entity_id":{{id}},"pattern":null,"entity_ids":{{keys}},"action":"{{action}}","timestamp":"2026-11-20T23:00:50.759554485Z","source_service":"stock","metadata":null}""";
        Assert.Equal(2, (await Redis.RunAsync("PUBLISH", "cache:invalidate", message)).Integer);
        await WithinAsync(Delivery, "the new price on both", async () => await Here.PriceAsync(Path) == 77 && await There.PriceAsync(Path) == 77);
    }

    [Fact]
    public async Task Changes_of_the_shop_are_published_to_other_services_and_ignored_by_the_nodes_of_the_shop()
    {
        var received = new ConcurrentQueue<InvalidationMessage>();
        await using var subscriber = InvalidationSubscriber.Create(Redis.EndPoint.ToString());
        await using var subscription = subscriber.Subscribe((message, _) =>
        {
            received.Enqueue(message);
            return default;
        });
        await subscription.Subscribed;
        await Here.WarmAsync("/products/writethrough/4");
        await There.WarmAsync(Path);
        await Here.PutAsync("/products/writethrough/4", new { price = 5 });
        await There.DeleteAsync("/products/explicit/5");
        await Here.PutAsync("/categories/1", new { name = "Gadgets" });
        await Eventually.TrueAsync("both are told", () => Task.FromResult(received.Count == 2));
        Assert.Equal(
            [("""{"Custom":"product"},"entity_id":"4","pattern":null,"entity_ids":null,"action":"Update" """.Trim(), "shop"), ("""{"Custom":"product"},"entity_id":"5","pattern":null,"entity_ids":null,"action":"Delete" """.Trim(), "shop")],
            received.OrderBy(static m => m.EntityId, StringComparer.Ordinal).Select(static m => (m.ToString().Split("\"entity_type\":")[1].Split(",\"timestamp\"")[0], m.SourceService)));
        Assert.Equal("memory", (await Here.GetAsync("/products/writethrough/4")).Outcome);
        var records = await Redis.RunAsync("XRANGE", "{unstale:shop:0}:log", "-", "+");
        Assert.DoesNotContain(records.Items, static record => record.Items[1].Items.Any(static field => field.Text().EndsWith(" shop", StringComparison.Ordinal)));
    }

    /// <summary>Changes a price as a service does that shares the database but not the log.</summary>
    private async Task ChangePriceAsync(decimal price)
    {
        await using var connection = new SqliteConnection(Database + ";Pooling=False");
        await connection.OpenAsync(Stop);
        await using var command = connection.CreateCommand();
        command.CommandText = "UPDATE products SET price_in_cents = $cents, version = version + 1 WHERE id = 4";
        command.Parameters.AddWithValue("$cents", (long)(100 * price));
        Assert.Equal(1, await command.ExecuteNonQueryAsync(Stop));
    }
}
