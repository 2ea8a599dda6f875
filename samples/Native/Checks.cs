using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Unstale;

namespace Native;

/// <summary>Checks of the natively compiled library. Each prints one line, or throws.</summary>
internal static class Checks
{
    public static async Task RunAsync(Node node)
    {
        await ReadsAsync(node);
        await InvalidatesAsync(node);
        await FollowsRulesAsync(node);
        await CachesQueriesAsync(node);
        await RefusesAsync(node);
    }

    /// <summary>Checks that a value of the first node is read from Redis by the second, and is stale on both after an invalidation.</summary>
    public static async Task SharesAsync(Node first, Node second)
    {
        await Eventually(async () => (await first.Cache.GetOrCreateResultAsync("trust", 0, static (_, _, _) => ValueTask.FromResult(1))).Outcome is CacheOutcome.Memory);
        await first.ProductAsync(9);
        await Eventually(async () => await second.Cache.TryGetAsync<Product>("product:9") is { IsFound: true, Value.Labels: ["new", "brass"] });
        Expect(second.Loads == 0, "the second node loads nothing");
        var receipt = await first.Invalidator.ChangedAsync("product", 9, fields: ["price"]);
        await receipt.WaitForAllNodesAsync();
        Expect(await second.Cache.TryGetAsync<Product>("product:9") is { IsFound: false }, "the value is stale on the second node");
        Print("redis: the second node read the value of the first, until a rule invalidated the value on both");
    }

    private static async Task ReadsAsync(Node node)
    {
        var loaded = await node.ProductAsync(4);
        loaded.Labels.Clear();
        var read = await node.ProductAsync(4);
        Expect((node.Loads, read.Price, read.Labels.Count) == (1, 34.95m, 2), "a second read is a hit with a copy of its own");
        Expect(await node.Cache.GetOrCreateAsync("when", static _ => ValueTask.FromResult(DateTimeOffset.UnixEpoch)) == DateTimeOffset.UnixEpoch, "a date needs no metadata");
        Print("read: one load, then a hit with a copy of its own");
    }

    private static async Task InvalidatesAsync(Node node)
    {
        var loads = node.Loads;
        await LoadsAfterAsync(node, ++loads, await node.Invalidator.InvalidateAsync(keys: ["product:4"]));
        await LoadsAfterAsync(node, ++loads, await node.Invalidator.InvalidateAsync(tags: ["price:4"]));
        await LoadsAfterAsync(node, ++loads, await node.Invalidator.InvalidateAsync(patterns: [new GlobPattern("product:*")]));
        await LoadsAfterAsync(node, ++loads, await node.Invalidator.InvalidateAsync(patterns: [new RegexPattern("^product:[0-9]$")]));
        Print("invalidate: by key, tag, glob and regular expression");
    }

    private static async Task FollowsRulesAsync(Node node)
    {
        var loads = node.Loads;
        await LoadsAfterAsync(node, loads, await node.Invalidator.ChangedAsync("product", 4, fields: ["stock"]));
        var receipt = await node.Invalidator.ChangedAsync("product", 4, fields: ["price"]);
        var explanation = node.Cache.Explain("product:4");
        Expect(explanation.ToString().Contains("prices", StringComparison.Ordinal), explanation.ToString());
        await LoadsAfterAsync(node, ++loads, receipt);
        var json = JsonSerializer.Serialize(receipt.Position, ProductJson.Default.LogPosition);
        Expect(JsonSerializer.Deserialize(json, ProductJson.Default.LogPosition) == receipt.Position, json);
        Print("rules: read from JSON, explained; a position is written as JSON");
    }

    private static async Task CachesQueriesAsync(Node node)
    {
        var query = new FindProducts("lamp", new Paging(2, 20), new HashSet<string> { "new", "brass" });
        var loads = node.Loads;
        await FindAsync(node, query);
        await FindAsync(node, query with { Labels = new SortedSet<string> { "brass", "new" } });
        Expect(node.Loads == loads + 1, "an equal query is a hit");
        await FindAsync(node, query with { Paging = new Paging(3, 20) });
        Expect(node.Loads == loads + 2, "another query is no hit");
        await node.Events.InvalidateAsync(new PriceChanged(4));
        await FindAsync(node, query);
        Expect(node.Loads == loads + 3, "the event invalidates the query");
        Print($"queries: {node.Queries.KeyOf(query)}");
        Print($"queries: {node.Queries.KeyOf(new CountProducts("lamp"))}");
    }

    private static ValueTask<List<Product>> FindAsync(Node node, FindProducts query) =>
        node.Queries.ExecuteAsync(query, node, static (_, source, _) => ValueTask.FromResult<List<Product>>([source.Load(4)]));

    private static async Task RefusesAsync(Node node)
    {
        await node.Cache.GetOrCreateAsync("undeclared", static _ => ValueTask.FromResult(new Undeclared(["a"])));
        Expect(await node.Cache.TryGetAsync<Undeclared>("undeclared") is { IsFound: false }, "a value without metadata is not stored");
        Print($"without metadata: {node.Log.Text}");
        try
        {
            Expect(node.Queries.KeyOf(new FindUndeclared("a")) is null, "a query without metadata has no hash");
        }
        catch (InvalidOperationException refused)
        {
            Print($"without metadata: {refused.Message}");
        }
    }

    private static async Task LoadsAfterAsync(Node node, int loads, InvalidationReceipt receipt)
    {
        await node.ProductAsync(4);
        Expect((receipt.State, node.Loads) == (ReceiptState.Applied, loads), $"{receipt.State}, {node.Loads} loads instead of {loads}");
    }

    private static async Task Eventually(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (!await condition())
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, patience.Token);
    }

    private static void Expect(bool condition, string what)
    {
        if (!condition)
            throw new InvalidOperationException($"Expected: {what}.");
    }

    private static void Print(string line) => Console.WriteLine(line);
}
