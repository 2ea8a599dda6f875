using Unstale.Loading;
using Unstale.Values;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>Cached results of random queries, compared with the rows of the database on all nodes after each of many random writes.</summary>
/// <param name="shop">Database and nodes.</param>
/// <param name="writer">Writes.</param>
/// <param name="random">Random numbers of the queries.</param>
internal sealed class Comparison(GeneratorShop shop, IRandomWriter writer, Random random)
{
    private const int Live = 12;

    /// <summary>Number of writes after which one query is replaced, on average. The compilation of a query costs as much as many comparisons.</summary>
    private const int Lifetime = 40;

    private readonly FreshRows _fresh = new(shop.Connection);
    private readonly List<LiveQuery> _live = [];
    private int _keys;

    /// <summary>Counts by class of queries.</summary>
    public SortedDictionary<string, Tally> Tallies { get; } = new(StringComparer.Ordinal);

    /// <summary>Description of the first cached result that is older than the database; null for none.</summary>
    public string? Stale { get; private set; }

    /// <summary>Called before each write, when all results are loaded.</summary>
    public Func<IReadOnlyList<LiveQuery>, Task>? Loaded { get; set; }

    /// <summary>Called after each write and before results are loaded again, with all queries and whether the write changed their results.</summary>
    public Func<IReadOnlyList<(LiveQuery Query, bool IsChanged)>, Task>? Compared { get; set; }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Loads a result: the query records what it reads, and the value is the rows of its commands.</summary>
    public static async Task LoadAsync(GeneratorNode node, LiveQuery live, UnstaleEntryOptions? options = null) => await node.Cache.GetOrCreateAsync(
        live.Key,
        async _ =>
        {
            await using var context = node.Open();
            await live.Query.RunAsync(context);
            live.Names = AmbientLoad.Current!.Read!.Snapshot();
            return live.Result;
        },
        options,
        cancellationToken: Stop);

    /// <summary>Runs writes, up to the first stale result.</summary>
    public async Task RunAsync(int writes)
    {
        for (var i = 0; i < writes && Stale is null; i++)
        {
            while (_live.Count < Live)
                await StartAsync();
            if (Loaded is not null)
                await Loaded(_live);
            var node = shop.Nodes[random.Next(shop.Nodes.Count)];
            var write = await writer.WriteAsync(node, ReadAsync);
            await shop.WaitAsync(node);
            await CompareAsync(write);
            if (random.Next(Lifetime) == 0)
                await EndAsync(_live[random.Next(Live)]);
        }
    }

    /// <summary>Adds a query. Its first execution on the first node shows its commands.</summary>
    private async Task StartAsync()
    {
        var live = new LiveQuery(QueryGenerator.Next(random), $"query-{_keys++}");
        await using (var context = shop.Nodes[0].Open())
        {
            shop.Commands.Begin();
            await live.Query.RunAsync(context);
            live.Commands = shop.Commands.End();
        }

        live.Reads = TableReads.Of(live.Commands);
        live.Result = (await _fresh.ReadAsync([live]))[0];
        foreach (var node in shop.Nodes)
            await LoadAsync(node, live);
        _live.Add(live);
    }

    private async Task EndAsync(LiveQuery live)
    {
        _live.Remove(live);
        foreach (var command in live.Prepared ?? [])
            await command.DisposeAsync();
        await shop.Nodes[0].Cache.RemoveAsync(live.Key, Stop);
    }

    /// <summary>Loads the results that are missing, from the rows that other connections see now.</summary>
    private async Task ReadAsync()
    {
        var rows = await _fresh.ReadAsync(_live);
        for (var i = 0; i < rows.Length; i++)
        {
            var before = _live[i].Result;
            _live[i].Result = rows[i];
            foreach (var node in shop.Nodes)
                await LoadAsync(node, _live[i]);
            _live[i].Result = before;
        }
    }

    private async Task CompareAsync(RandomWrite write)
    {
        var rows = await _fresh.ReadAsync(_live);
        var compared = new List<(LiveQuery, bool)>();
        for (var i = 0; i < rows.Length; i++)
        {
            var isChanged = _live[i].Result != rows[i];
            Count(_live[i], write, isChanged);
            _live[i].Result = rows[i];
            compared.Add((_live[i], isChanged));
        }

        if (Compared is not null)
            await Compared(compared);
        foreach (var live in _live)
        {
            foreach (var node in shop.Nodes)
                await CompareAsync(node, live, write);
        }
    }

    private void Count(LiveQuery live, RandomWrite write, bool isChanged)
    {
        if (!Tallies.TryGetValue(live.Query.Class, out var tally))
            Tallies.Add(live.Query.Class, tally = new Tally());
        tally.Compared++;
        var isTaken = !shop.Nodes[0].Cache.TryGet<string>(live.Key, out _);
        tally.Changed += isChanged ? 1 : 0;
        tally.Taken += isTaken ? 1 : 0;
        if (write.Rows.All(static row => row.Id is not null))
        {
            tally.ChangedByRows += isChanged ? 1 : 0;
            tally.TakenByRows += isTaken ? 1 : 0;
        }

        tally.OfTable += live.Reads.IsOfTable(write) ? 1 : 0;
        tally.OfTag += live.Reads.HasTag(write) ? 1 : 0;
    }

    private async Task CompareAsync(GeneratorNode node, LiveQuery live, RandomWrite write)
    {
        if (!node.Cache.TryGet<string>(live.Key, out var cached))
            await LoadAsync(node, live);
        else if (cached != live.Result)
            Stale = $"{live.Query.Text}\nwrite {write.Text}\npredicates {string.Join("\n  ", DependencyTag.PredicatesOf(live.Names))}\ncached {cached}\nfresh {live.Result}\n{live.Commands[0].Text}";
    }
}
