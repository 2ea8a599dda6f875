using Unstale.DatabaseTests.EntityFrameworkCore.Reads;
using Unstale.Loading;
using Unstale.Predicates;
using Unstale.Values;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>Cached results of random queries, compared with fresh ones after each of many random writes.</summary>
internal sealed class Comparison(UnstaleCache cache, Func<ShopContext> open, int seed)
{
    private const int Live = 12;
    private readonly Random _random = new(seed);
    private readonly List<LiveQuery> _live = [];
    private readonly SortedDictionary<string, Tally> _tallies = new(StringComparer.Ordinal);
    private int _keys;

    /// <summary>Runs the writes and returns the counts: invalidated and really changed results by class.</summary>
    public async Task<IReadOnlyDictionary<string, Tally>> RunAsync(int writes)
    {
        var writer = new RandomWrites(open, _random);
        for (var i = 0; i < writes; i++)
        {
            while (_live.Count < Live)
                _live.Add(await StartAsync());
            var change = await writer.WriteAsync();
            await cache.ChangedRowsAsync([change], reason: null, TestContext.Current.CancellationToken);
            foreach (var live in _live)
                await CheckAsync(live, change);
            if (_random.Next(2) == 0)
                _live.RemoveAt(_random.Next(Live));
        }

        return _tallies;
    }

    private async Task<LiveQuery> StartAsync()
    {
        var live = new LiveQuery(QueryGenerator.Next(_random), $"query-{seed}-{_keys++}");
        live.Result = await ReadAsync(live);
        return live;
    }

    private async Task CheckAsync(LiveQuery live, RowChange change)
    {
        var (before, loads, names) = (live.Result, live.Loads, live.Names);
        var cached = await ReadAsync(live);
        await using var context = open();
        live.Result = await live.Query.RunAsync(context);
        Assert.True(
            string.Equals(cached, live.Result, StringComparison.Ordinal),
            $"Stale: {live.Query.Text}\nchange {change}\npredicates {string.Join("\n  ", names)}\ncached {cached}\nfresh {live.Result}");
        if (!_tallies.TryGetValue(live.Query.Class, out var tally))
            _tallies.Add(live.Query.Class, tally = new Tally());
        tally.Compared++;
        tally.Taken += live.Loads - loads;
        tally.Changed += string.Equals(before, live.Result, StringComparison.Ordinal) ? 0 : 1;
    }

    private async Task<string> ReadAsync(LiveQuery live) => await cache.GetOrCreateAsync(live.Key, async _ =>
    {
        live.Loads++;
        await using var context = open();
        var result = await live.Query.RunAsync(context);
        live.Names = DependencyTag.PredicatesOf(AmbientLoad.Current!.Read!.Snapshot());
        return result;
    }, cancellationToken: TestContext.Current.CancellationToken);

    internal sealed class Tally
    {
        public int Compared { get; set; }

        public int Taken { get; set; }

        public int Changed { get; set; }
    }

    private sealed class LiveQuery(GeneratedQuery query, string key)
    {
        public GeneratedQuery Query => query;

        public string Key => key;

        public string Result { get; set; } = "";

        public string[] Names { get; set; } = [];

        public int Loads { get; set; }
    }
}
