using System.Net;
using Unstale.IntegrationTests.PostgreSql;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

[Collection<PostgresCollection>]
public sealed class PostgresCommitTests(PostgresServer server) : ShopTest(server)
{
    [Fact]
    public async Task A_commit_without_its_confirmation_leaves_nothing_of_its_product_in_the_cache()
    {
        await ReadsAsync("/products/ttl/1", 999.99m, cached: false);
        await ReadsAsync("/products/ttl/4", 34.95m, cached: false);
        await ChangeBehindTheCacheAsync(
            """
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';
            CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON products DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();
            """);
        Assert.Equal(HttpStatusCode.InternalServerError, (await PutAsync("/products/events/1", new { price = 1 })).Status);
        await ReadsAsync("/products/ttl/1", 999.99m, cached: false);
        await ReadsAsync("/products/ttl/4", 34.95m, cached: true);
    }

    [Fact]
    public async Task An_order_whose_commit_the_database_refuses_leaves_the_list_cached()
    {
        await GetAsync("/orders");
        await ChangeBehindTheCacheAsync(
            """
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';
            CREATE CONSTRAINT TRIGGER late AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();
            """);
        var refused = await PostAsync("/orders", new { product_id = 1, quantity = 1, customer = "Ann" });
        Assert.Equal(HttpStatusCode.InternalServerError, refused.Status);
        Assert.Equal(("[]", "memory"), await OutcomeAsync());

        await ChangeBehindTheCacheAsync("DROP TRIGGER late ON orders");
        await PostAsync("/orders", new { product_id = 1, quantity = 1, customer = "Ann" });
        Assert.Equal("load", (await OutcomeAsync()).Outcome);

        async Task<(string Body, string? Outcome)> OutcomeAsync()
        {
            var list = await GetAnswerAsync("/orders");
            return (list.Body!.ToJsonString(), list.Outcome);
        }
    }
}
