using System.Collections.Concurrent;

namespace Shop.Load;

/// <summary>Read that did not show a write: the read, and the missed write.</summary>
internal readonly record struct Suspicion(string Path, int Server, long Seen, long Began, Write Missed)
{
    public double AgeMilliseconds => Clock.Milliseconds(Missed.At, Began);
}

/// <summary>
/// Judge of stale results. A result is stale if it is older than the newest write whose PUT had returned before the read began, by more than is
/// allowed. On the node that wrote nothing is allowed; elsewhere the delay of a message; during an outage of Redis, the bound. A write on a node
/// without Redis counts for the others once the node is connected again.
/// </summary>
internal sealed class Judge(TimeSpan allow, TimeSpan bound, int servers)
{
    private const int Shown = 5;

    private readonly ConcurrentQueue<Suspicion> _open = [];
    private readonly ConcurrentBag<Suspicion> _examples = [];
    private readonly Outages[] _outages = [.. Enumerable.Range(0, servers).Select(_ => new Outages(Clock.Ticks(bound)))];
    private readonly ConcurrentDictionary<long, ProductHistory> _products = new();
    private long _stale;
    private long _judged;
    private long _excused;

    /// <summary>Number of stale results.</summary>
    public long Stale => Interlocked.Read(ref _stale);

    /// <summary>Number of compared products in responses.</summary>
    public long Judged => Interlocked.Read(ref _judged);

    /// <summary>Number of results that only the bound excused.</summary>
    public long Excused => Interlocked.Read(ref _excused);

    /// <summary>Some of the stale results.</summary>
    public IEnumerable<Suspicion> Examples => _examples;

    public Outages Outages(int server) => _outages[server];

    public ProductHistory Of(Sight product) => _products.GetOrAdd(product.Id, static (_, cents) => new ProductHistory(cents), product.Cents);

    /// <param name="path">Path of the read.</param>
    /// <param name="server">Number of the server.</param>
    /// <param name="product">Product in the response.</param>
    /// <param name="began">Time at which the read began.</param>
    public void Look(string path, int server, Sight product, long began)
    {
        if (!_products.TryGetValue(product.Id, out var history))
            return;

        Interlocked.Increment(ref _judged);
        var found = history.Missed(product.Cents, began, servers)
            .Select(missed => new Suspicion(path, server, product.Cents, began, missed))
            .Where(suspicion => suspicion.Missed.Server == server || suspicion.AgeMilliseconds > allow.TotalMilliseconds)
            .ToList();
        if (found.Find(suspicion => suspicion.Missed.Server == server) is { Path: not null } own)
        {
            Condemn(own);
        }
        else if (found.Count > 0)
        {
            _open.Enqueue(found[0]);
        }
    }

    /// <summary>Decides on the reads that began before this time. The health reports around them must be complete.</summary>
    public void Settle(long before)
    {
        while (_open.TryPeek(out var next) && next.Began < before && _open.TryDequeue(out var suspicion))
        {
            if (IsStale(suspicion))
            {
                Condemn(suspicion);
            }
            else
            {
                Interlocked.Increment(ref _excused);
            }
        }
    }

    private bool IsStale(Suspicion suspicion)
    {
        var known = _outages[suspicion.Missed.Server].EndAfter(suspicion.Missed.At);
        if (known >= suspicion.Began)
            return false;

        var limit = _outages[suspicion.Server].Overlap(known, suspicion.Began) ? bound : allow;
        return Clock.Milliseconds(known, suspicion.Began) > limit.TotalMilliseconds;
    }

    private void Condemn(Suspicion suspicion)
    {
        if (Interlocked.Increment(ref _stale) <= Shown)
            _examples.Add(suspicion);
    }
}
