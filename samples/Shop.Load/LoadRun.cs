namespace Shop.Load;

/// <summary>Readers and writers over the cluster for a given time.</summary>
internal sealed class LoadRun(Cluster cluster, Judge judge, Settings settings)
{
    private static readonly string[] WritingStrategies = ["writethrough", "events", "production"];
    private static readonly TimeSpan HealthPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FailurePause = TimeSpan.FromMilliseconds(50);

    /// <summary>Pause after a write without a response. Its outcome is unknown, and it may still succeed during this time.</summary>
    private static readonly TimeSpan UnknownPause = TimeSpan.FromSeconds(1);

    private long _cached;

    public Histogram Reads { get; } = new();

    public Histogram Writes { get; } = new();

    public double Seconds { get; private set; }

    public double HitRatio => Reads.Count == 0 ? 0 : (double)_cached / Reads.Count;

    public Failures Failures { get; } = new(Clock.Now);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var product in cluster.Products)
            judge.Of(product);

        using var watching = new CancellationTokenSource();
        var watchers = cluster.Servers.Select(server => Task.Run(() => WatchAsync(server, watching.Token), CancellationToken.None)).ToList();
        using var end = new CancellationTokenSource(settings.Length, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancellationToken);
        var began = Clock.Now;
        await Task.WhenAll([
            .. Enumerable.Range(0, settings.Writers).Select(writer => Task.Run(() => WriteAsync(writer, either.Token), CancellationToken.None)),
            .. Enumerable.Range(0, settings.Readers).Select(_ => Task.Run(() => ReadAsync(either.Token), CancellationToken.None))]);
        Seconds = Clock.MillisecondsSince(began) / 1000;
        await watching.CancelAsync();
        await Task.WhenAll(watchers);
        judge.Settle(long.MaxValue);
    }

    private async Task ReadAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            var server = Any(cluster.Servers);
            var path = AnyPath(server, Any(cluster.Products));
            var began = Clock.Now;
            try
            {
                var products = await server.ReadAsync(path, CancellationToken.None);
                Reads.Add(Clock.MillisecondsSince(began));
                products.ForEach(product => judge.Look(path, server.Number, product, began));
                if (products.TrueForAll(static product => product.Cached))
                    Interlocked.Increment(ref _cached);
            }
            catch (Exception exception) when (Server.IsFailure(exception))
            {
                Failures.Add(Clock.Now);
                await Clock.PauseAsync(FailurePause, end);
            }
        }
    }

    private async Task WriteAsync(int writer, CancellationToken end)
    {
        var own = cluster.Products.Where((_, index) => index % settings.Writers == writer).ToList();
        while (!end.IsCancellationRequested)
        {
            var (node, product) = (Any(cluster.Nodes), Any(own));
            var history = judge.Of(product);
            var cents = history.Begin();
            var began = Clock.Now;
            try
            {
                await node.PutPriceAsync(Any(WritingStrategies), product.Id, cents, CancellationToken.None);
                var returned = Clock.Now;
                history.Returned(new(cents, node.Number, returned));
                Writes.Add(Clock.Milliseconds(began, returned));
                await Clock.PauseAsync(settings.Pause, end);
            }
            catch (Exception exception) when (Server.IsFailure(exception))
            {
                Failures.Add(Clock.Now);
                await Clock.PauseAsync(Server.IsUnsent(exception) ? FailurePause : UnknownPause, end);
            }
        }
    }

    /// <summary>Polls the health of a server. The reports are complete for all reads that began a moment before the newest one.</summary>
    private async Task WatchAsync(Server server, CancellationToken end)
    {
        var outages = judge.Outages(server.Number);
        while (!end.IsCancellationRequested)
        {
            var asked = Clock.Now;
            outages.Note(await server.AskRedisAsync(), asked);
            if (server.Number == 0)
                judge.Settle(asked - Clock.Ticks(settings.Bound) - Clock.Ticks(UnknownPause));

            await Clock.PauseAsync(HealthPause, end);
        }
    }

    private static string AnyPath(Server server, Sight product) => server.IsNode
        ? Random.Shared.Next(8) switch
        {
            0 => "/products/featured",
            1 => $"/products/by-category/{product.CategoryId}",
            2 => $"/products/ttl/{product.Id}",
            3 => $"/products/explicit/{product.Id}",
            4 => $"/products/writethrough/{product.Id}",
            5 => $"/products/events/{product.Id}",
            6 => $"/products/production/{product.Id}",
            _ => $"/cart/products/{product.Id}",
        }
        : $"/cart/products/{product.Id}";

    private static T Any<T>(IReadOnlyList<T> list) => list[Random.Shared.Next(list.Count)];
}
