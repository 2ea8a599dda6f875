using Shop.Data;
using Shop.Strategies;

namespace Shop.Nodes;

/// <summary>Comparison of the answers of all nodes with the database.</summary>
internal sealed class Comparison
{
    private readonly ShopDatabase _database;
    private readonly VersionTimes _times;
    private readonly AnswerLedger _ledger;
    private readonly TimeProvider _time;
    private readonly Place[] _caches;
    private readonly Place[] _strategies;

    public Comparison(
        IEnumerable<ShopNode> nodes, ShopDatabase database, ProductReader products, VersionTimes times, AnswerLedger ledger, TimeProvider time)
    {
        Nodes = [.. nodes];
        _database = database;
        _times = times;
        _ledger = ledger;
        _time = time;
        _caches = [.. Nodes.Select(node => Place.WithUnstale(node, products)), .. Nodes.Select(node => Place.WithoutUnstale(node, time))];
        _strategies = [.. Nodes.SelectMany(node => Place.OfStrategies(node, products, database))];
    }

    public IReadOnlyList<ShopNode> Nodes { get; }

    /// <summary>Reads a product from every cache of every node, or returns null if the database has no such product.</summary>
    public async Task<ComparisonAnswer?> ReadAsync(long id, CancellationToken cancellationToken)
    {
        // The database first: an answer that is older than a version read before it is stale.
        if (await _database.FindVersionAsync(id, cancellationToken) is not { } current)
            return null;

        _times.Note(id, current);
        var caches = await ReadAllAsync(_caches, id, current, cancellationToken);
        var strategies = await ReadAllAsync(_strategies, id, current, cancellationToken);
        return new(id, current.Version, current.ChangedAt == 0 ? null : Milliseconds(_time.GetUtcNow() - ProductVersion.Time(current.ChangedAt)), caches, strategies);
    }

    /// <summary>
    /// Writes a product on a node: the commit, the report to the log, and the invalidation of the plain cache of this node. Returns whether there is
    /// such a product.
    /// </summary>
    public async Task<bool> WriteAsync(ShopNode node, long id, ProductChange change, CancellationToken cancellationToken)
    {
        await ReadAsync(id, cancellationToken); // so that every cache holds the value that this write outdates
        var updated = await node.Catalogue.UpdateAsync(
            id, () => CommitAsync(id, change, cancellationToken), product => node.Plain.InvalidateAsync(product.Id, CancellationToken.None));
        return updated is not null;
    }

    /// <summary>Writes a product as a program that knows no cache: nothing is reported. Returns whether there is such a product.</summary>
    public async Task<bool> WriteUnreportedAsync(long id, ProductChange change, CancellationToken cancellationToken)
    {
        await ReadAsync(id, cancellationToken);
        return await CommitAsync(id, change, cancellationToken) is not null;
    }

    private async Task<Product?> CommitAsync(long id, ProductChange change, CancellationToken cancellationToken)
    {
        var product = await _database.UpdateProductAsync(id, change, cancellationToken);
        if (product is not null)
            _times.Note(id, product.Version, _time.GetUtcNow());

        return product;
    }

    private async Task<ObservedAnswer[]> ReadAllAsync(Place[] places, long id, ProductVersion current, CancellationToken cancellationToken)
    {
        var answers = new ObservedAnswer[places.Length];
        for (var at = 0; at < places.Length; at++)
        {
            var shown = await places[at].Read(id, current.CategoryId, cancellationToken);
            answers[at] = Judge(places[at], id, current, shown);
        }

        return answers;
    }

    private ObservedAnswer Judge(Place place, long id, ProductVersion current, Shown shown)
    {
        if (shown.Product is not { } product)
            return ObservedAnswer.Of(place, shown);

        var isStale = product.Version < current.Version;
        if (isStale)
            place.ReportStale?.Invoke(id, current.CategoryId);

        var sinceWrite = _time.GetUtcNow() - (isStale ? _times.OutOfDateSince(id, product.Version) : _times.TimeOf(id, current.Version));
        return ObservedAnswer.Of(place, shown, isStale, _ledger.Count(place, id, current.Version, isStale, sinceWrite, shown.Outcome));
    }

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 3);
}
