using Dapper;
using Unstale.IntegrationTests.Support;

namespace Unstale.DatabaseTests.PostgreSql.Support;

/// <summary>Writes prices of random products in the background, and reads random prices on nodes. Each write changes the price.</summary>
/// <param name="database">Database of the shop.</param>
/// <param name="nodes">Nodes that read.</param>
/// <param name="write">Raises the price of a product by 1.</param>
/// <param name="seed">Seed of the random numbers.</param>
internal sealed class ShopTraffic(ShopDatabase database, IReadOnlyList<ShopNode> nodes, Func<int, Task> write, int seed) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private readonly Random _random = new(seed);
    private CancellationTokenSource? _stopping;
    private Task _running = Task.CompletedTask;
    private int _writes;

    /// <summary>Number of committed writes.</summary>
    public int Writes => Volatile.Read(ref _writes);

    /// <summary>Number of writes at whose commit a node held the price from before.</summary>
    public int HeldWrites { get; private set; }

    /// <summary>Returns a random product of the traffic.</summary>
    public static int Product(Random random) => random.Next(5, 25);

    public void Start()
    {
        _stopping = new();
        var stop = _stopping.Token;
        _running = Task.Run(() => RunAsync(stop));
    }

    /// <summary>Ends the traffic. All writes are committed or failed when the call returns, and no read is running.</summary>
    public async Task StopAsync()
    {
        if (_stopping is { } stopping)
            await stopping.CancelAsync();
        await _running;
        _stopping?.Dispose();
        _stopping = null;
    }

    /// <summary>Ends the traffic and waits until no node holds a price that differs from the database. A lost change would stay for ever.</summary>
    public async Task SettleAsync()
    {
        await StopAsync();
        await using var connection = await database.Source.OpenConnectionAsync();
        await Eventually.TrueAsync("every node is trusted and holds no old price", async () =>
        {
            var prices = (await connection.QueryAsync<(int Id, decimal Price)>("SELECT id, price FROM products")).AsList();
            return nodes.All(node => node.Cache.GetLogState().IsTrusted
                && prices.TrueForAll(row => !node.Cache.TryGet<decimal>($"price:{row.Id}", out var held) || held == row.Price));
        });
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            foreach (var node in nodes)
                await node.PriceAsync(database, Product(_random));
            var product = Product(_random);
            var isHeld = nodes.Any(node => node.HasPrice(product));
            await write(product);
            Interlocked.Increment(ref _writes);
            HeldWrites += isHeld ? 1 : 0;
            await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
        }
    }
}
