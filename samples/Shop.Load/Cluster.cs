namespace Shop.Load;

/// <summary>Servers, and the products that all of them show.</summary>
internal sealed class Cluster : IDisposable
{
    private const int Categories = 5;

    private Cluster(IReadOnlyList<Server> servers) => Servers = servers;

    public IReadOnlyList<Server> Servers { get; }

    public IReadOnlyList<Server> Nodes => [.. Servers.Where(static server => server.IsNode)];

    /// <summary>Products as of the beginning.</summary>
    public IReadOnlyList<Sight> Products { get; private set; } = [];

    /// <exception cref="LoadException">A server does not respond, or does not match the command line.</exception>
    public static async Task<Cluster> FindAsync(Settings settings, CancellationToken cancellationToken)
    {
        var servers = settings.Nodes.Select(static (address, number) => new Server(number, address, isNode: true)).ToList();
        if (settings.Worker is { } worker)
            servers.Add(new Server(servers.Count, worker, isNode: false));

        var cluster = new Cluster(servers);
        foreach (var node in cluster.Nodes.Reverse())
            cluster.Products = await AskAsync(node, "shop", () => ListAsync(node, cancellationToken));

        foreach (var other in servers.Where(static server => !server.IsNode))
        {
            await AskAsync(other, "worker of the shop", () => other.ReadAsync($"/cart/products/{cluster.Products[0].Id}", cancellationToken));
        }

        return settings.Writers <= cluster.Products.Count
            ? cluster
            : throw new LoadException($"--writers is {settings.Writers}, more than the shop has products ({cluster.Products.Count}); each has one writer at a time.");
    }

    /// <summary>Restores the old prices of the products, with a short time limit for an unavailable server.</summary>
    public async Task PutPricesBackAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1), TimeProvider.System);
        try
        {
            foreach (var product in Products)
                await Servers[0].PutPriceAsync("production", product.Id, product.Cents, limit.Token);
        }
        catch (Exception exception) when (Server.IsFailure(exception))
        {
            // The prices of the load remain, which harms no one: this shop sells nothing.
        }
    }

    /// <summary>Restores the old name of the product's category.</summary>
    public async Task PutNameBackAsync(Sight product)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1), TimeProvider.System);
        try
        {
            var name = new Dictionary<string, object>(StringComparer.Ordinal) { ["name"] = product.CategoryName };
            await Servers[0].PutAsync($"/categories/{product.CategoryId}", name, limit.Token);
        }
        catch (Exception exception) when (Server.IsFailure(exception))
        {
            // As with the prices.
        }
    }

    public void Dispose()
    {
        foreach (var server in Servers)
            server.Dispose();
    }

    private static async Task<List<Sight>> ListAsync(Server node, CancellationToken cancellationToken)
    {
        var products = new List<Sight>();
        for (var category = 1; category <= Categories; category++)
        {
            products.AddRange(await node.ReadAsync($"/products/by-category/{category}", cancellationToken));
        }

        return products.Count > 0 ? [.. products.DistinctBy(static product => product.Id)] : throw new FormatException("It has no products.");
    }

    private static async Task<List<Sight>> AskAsync(Server server, string what, Func<Task<List<Sight>>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception exception) when (Server.IsFailure(exception))
        {
            throw new LoadException(Server.IsSilence(exception)
                ? $"{server.Address} does not answer; is it started?"
                : $"{server.Address} is no {what}: it answers, but not with products.");
        }
    }
}
