namespace Shop.Load;

/// <summary>Table of the seven strategies, each measured alone: one writer, one reader, on an idle shop.</summary>
internal sealed class Comparison(Cluster cluster, Judge judge, Settings settings)
{
    private const int ReadsARound = 20;
    private static readonly TimeSpan WarmLimit = TimeSpan.FromSeconds(2);

    public async Task<IReadOnlyList<StrategyFigures>> MeasureAsync(CancellationToken cancellationToken)
    {
        var table = new List<StrategyFigures>();
        var featured = (await cluster.Servers[0].ReadAsync("/products/featured", cancellationToken)).Select(static product => product.Id).ToHashSet();
        var subject = cluster.Products.FirstOrDefault(product => featured.Contains(product.Id)) ?? throw new LoadException("The shop features no product, so there is no table.");
        try
        {
            foreach (var probe in Probe.All(subject))
                table.Add(await MeasureAsync(probe, subject, cancellationToken));
        }
        catch (Exception exception) when (Server.IsFailure(exception) && !cancellationToken.IsCancellationRequested)
        {
            throw new LoadException($"The table of strategies was not finished: {exception.Message}");
        }
        finally
        {
            await cluster.PutNameBackAsync(subject);
        }

        return table;
    }

    private async Task<StrategyFigures> MeasureAsync(Probe probe, Sight subject, CancellationToken cancellationToken)
    {
        var (reads, first, writes, shown) = (new Histogram(), new Histogram(), new Histogram(), new Histogram());
        for (var round = 0; round < settings.Rounds; round++)
        {
            var node = cluster.Nodes[round % cluster.Nodes.Count];
            var other = cluster.Nodes[(round + 1) % cluster.Nodes.Count];
            await WarmAsync(probe, node, cancellationToken);
            await WarmAsync(probe, other, cancellationToken);
            for (var read = 0; read < ReadsARound; read++)
                await TimeAsync(reads, () => node.ReadAsync(probe.Path, cancellationToken));

            var version = judge.Of(subject).Begin();
            await TimeAsync(writes, () => node.PutAsync(probe.WriteTo, probe.Body(version), cancellationToken));
            var returned = Clock.Now;
            if (!await IsShownAsync(probe, other, subject.Id, version, returned, cancellationToken))
                return new(probe.Name, reads, first, writes, null);

            shown.Add(Clock.MillisecondsSince(returned));
            await TimeAsync(first, () => node.ReadAsync(probe.Path, cancellationToken));
        }

        return new(probe.Name, reads, first, writes, shown);
    }

    private static async Task TimeAsync(Histogram histogram, Func<Task> request)
    {
        var began = Clock.Now;
        await request();
        histogram.Add(Clock.MillisecondsSince(began));
    }

    /// <summary>Reads until the cache serves the value, or a limit has passed: a cache that stores nothing is measured too.</summary>
    private static async Task WarmAsync(Probe probe, Server server, CancellationToken cancellationToken)
    {
        var began = Clock.Now;
        while (Clock.MillisecondsSince(began) < WarmLimit.TotalMilliseconds)
        {
            if ((await server.ReadAsync(probe.Path, cancellationToken)).TrueForAll(static product => product.Cached))
                return;
        }
    }

    private async Task<bool> IsShownAsync(Probe probe, Server server, long id, long version, long since, CancellationToken cancellationToken)
    {
        while (true)
        {
            var began = Clock.Now;
            if (probe.Shows(await server.ReadAsync(probe.Path, cancellationToken), id, version))
                return true;

            if (Clock.Milliseconds(since, began) > settings.Bound.TotalMilliseconds)
                return false;
        }
    }
}
