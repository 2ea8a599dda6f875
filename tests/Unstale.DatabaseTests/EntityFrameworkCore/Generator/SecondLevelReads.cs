using Microsoft.Extensions.Caching.Hybrid;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>Looks for the cached results in the second level alone, after each write, and counts those that are refused.</summary>
/// <param name="shop">Database and nodes. The last node looks.</param>
internal sealed class SecondLevelReads(GeneratorShop shop)
{
    /// <summary>Number of writes after which a new node looks.</summary>
    private const int NewNode = 20;

    private static readonly UnstaleEntryOptions Alone = new() { Flags = HybridCacheEntryFlags.DisableLocalCache };

    private int _writes;

    /// <summary>Results refused on a node that follows the log.</summary>
    public int Refused { get; private set; }

    /// <summary>Results that a write left unchanged, of those that a new node looked for.</summary>
    public int Unchanged { get; private set; }

    /// <summary>The same, refused on the new node.</summary>
    public int RefusedAsNew { get; private set; }

    private GeneratorNode Follower => shop.Nodes[^1];

    /// <summary>Waits until the second level has all results. They are stored in the background.</summary>
    public async Task WaitAsync(IReadOnlyList<LiveQuery> queries)
    {
        foreach (var query in queries)
        {
            await Eventually.TrueAsync($"the second level has {query.Key}", async () =>
            {
                if (await HasAsync(Follower, query))
                    return true;
                await Comparison.LoadAsync(shop.Nodes[0], query, Alone);
                return false;
            });
        }
    }

    public async Task CountAsync(IReadOnlyList<(LiveQuery Query, bool IsChanged)> compared)
    {
        foreach (var (query, _) in compared)
            Refused += await HasAsync(Follower, query) ? 0 : 1;
        if (++_writes % NewNode > 0)
            return;
        await using var node = await shop.StartNodeAsync();
        foreach (var (query, isChanged) in compared)
        {
            var has = await HasAsync(node, query);
            Unchanged += isChanged ? 0 : 1;
            RefusedAsNew += isChanged || has ? 0 : 1;
        }
    }

    /// <summary>Returns whether a node takes the result from the second level. One that is older than the database must be refused.</summary>
    private static async Task<bool> HasAsync(GeneratorNode node, LiveQuery query)
    {
        var found = await node.Cache.TryGetAsync<string>(query.Key, Alone, cancellationToken: TestContext.Current.CancellationToken);
        if (found.IsFound)
            Assert.Equal(query.Result, found.Value);
        return found.IsFound;
    }
}
