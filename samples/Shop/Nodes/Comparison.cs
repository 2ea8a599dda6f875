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
    private int _isRehearsed;

    public Comparison(
        IEnumerable<ShopNode> nodes, ShopDatabase database, IProductReads products, VersionTimes times, AnswerLedger ledger, TimeProvider time)
    {
        Nodes = [.. nodes];
        _database = database;
        _times = times;
        _ledger = ledger;
        _time = time;
        _caches = [.. Nodes.Select(node => Place.WithUnstale(node, products)), .. Nodes.Select(node => Place.WithoutUnstale(node, time))];
        _strategies = [.. Nodes.SelectMany(node => Place.OfStrategies(node, products))];
    }

    public IReadOnlyList<ShopNode> Nodes { get; }

    /// <summary>Reads a product from every cache of every node, or returns null if the database has no such product.</summary>
    /// <param name="id">Number of the product.</param>
    /// <param name="loads">Whether values of strategies that a node does not hold are loaded. If not, this read leaves the strategies as they are.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    public async Task<ComparisonAnswer?> ReadAsync(long id, bool loads, CancellationToken cancellationToken)
    {
        // The database first: an answer that is older than a version read before it is stale.
        if (await _database.FindVersionAsync(id, cancellationToken) is not { } current)
            return null;

        _times.Note(id, current);
        var caches = await ReadAllAsync(_caches, id, current, loads, cancellationToken);
        var strategies = await ReadAllAsync(_strategies, id, current, loads, cancellationToken);
        var sinceChange = _time.GetUtcNow() - _times.TimeOf(id, current.Version);
        return new(id, current.Name, current.Price, current.Version, ObservedAnswer.Milliseconds(sinceChange), caches, strategies);
    }

    /// <summary>
    /// Writes a product on a node: the commit, the report to the log, and the invalidation of the plain cache of this node. Returns whether there is
    /// such a product.
    /// </summary>
    public async Task<bool> WriteAsync(ShopNode node, long id, ProductChange change, CancellationToken cancellationToken)
    {
        await ReadAsync(id, loads: true, cancellationToken); // so that every cache holds the value that this write outdates
        await RehearseAsync(node, id, cancellationToken);
        var updated = await node.Writes.UpdateAsync(id, change, product => _times.Note(id, product.Version, _time.GetUtcNow()), cancellationToken);
        if (updated is null)
            return false;
        await node.Plain.InvalidateAsync(id, CancellationToken.None);
        return true;
    }

    /// <summary>Writes a product as a program without a cache: nothing is reported. Returns whether there is such a product.</summary>
    public async Task<bool> WriteUnreportedAsync(long id, ProductChange change, CancellationToken cancellationToken)
    {
        await ReadAsync(id, loads: true, cancellationToken);
        if (await _database.UpdateProductAsync(id, change, cancellationToken) is not { } product)
            return false;
        _times.Note(id, product.Version, _time.GetUtcNow());
        return true;
    }

    /// <summary>
    /// Invalidates the product and reads it again, once, without a write. The runtime compiles code at its first use, and the first measured time would
    /// contain the compilation.
    /// </summary>
    private async Task RehearseAsync(ShopNode node, long id, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isRehearsed, 1) != 0 || await _database.FindVersionAsync(id, cancellationToken) is not { } current)
            return;

        await node.Writes.RehearseAsync(id, cancellationToken);
        await node.Plain.InvalidateAsync(id, cancellationToken);
        foreach (var place in (Place[])[.. _caches, .. _strategies])
            await place.Read(id, current.CategoryId, cancellationToken);
    }

    private async Task<ObservedAnswer[]> ReadAllAsync(Place[] places, long id, ProductVersion current, bool loads, CancellationToken cancellationToken)
    {
        var answers = new ObservedAnswer[places.Length];
        for (var at = 0; at < places.Length; at++)
        {
            var place = places[at];
            var shown = !loads && place.Peek is { } peek ? peek(id, current.CategoryId) : await place.Read(id, current.CategoryId, cancellationToken);
            answers[at] = Judge(place, id, current, shown);
        }

        return answers;
    }

    private ObservedAnswer Judge(Place place, long id, ProductVersion current, Shown shown)
    {
        var sinceChange = _time.GetUtcNow() - _times.TimeOf(id, current.Version);
        if (shown.Product is not { } product)
        {
            var tally = shown.Outcome == Shown.Nothing ? _ledger.CountNothing(place, id, current.Version, sinceChange) : null;
            return ObservedAnswer.Of(place, shown, isStale: false, tally ?? new AnswerTally(current.Version));
        }

        var isStale = product.Version < current.Version;
        if (isStale)
            place.ReportStale?.Invoke(id, current.CategoryId);

        var sinceWrite = isStale ? _time.GetUtcNow() - _times.OutOfDateSince(id, product.Version) : sinceChange;
        return ObservedAnswer.Of(place, shown, isStale, _ledger.Count(place, id, current.Version, isStale, sinceWrite, shown.Outcome));
    }
}
