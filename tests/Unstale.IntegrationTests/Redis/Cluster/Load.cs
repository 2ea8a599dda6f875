using System.Collections.Concurrent;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Cluster;

/// <summary>
/// Readers and writers on every node, and the judge of their results: a read that began after a write was due must not return an older version, and
/// every call must end within its limit.
/// </summary>
internal sealed class Load : IAsyncDisposable
{
    private const int ReadersEach = 3;
    private const int Groups = 10;
    private const int Enough = 100;
    private const int Shown = 20;

    /// <summary>Number of the first key that is set and removed, by one writer at a time. Lower keys are invalidated in every way.</summary>
    private const int FirstSet = 150;
    private const int Keys = 200;

    /// <summary>Duration above which a set may have been abandoned.</summary>
    private static readonly TimeSpan SurelyAnswered = TimeSpan.FromMilliseconds(800);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(6);

    private readonly NodeGroup _cluster;
    private readonly TimeSpan _allow;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim[] _writers = [.. Enumerable.Range(0, Keys).Select(static _ => new SemaphoreSlim(1))];
    private readonly ConcurrentQueue<string> _problems = new();
    private readonly List<Task> _running = [];
    private readonly ConcurrentDictionary<InvalidationReceipt, bool> _waiting = new();
    private readonly long[] _outcomes = new long[Enum.GetValues<CacheOutcome>().Length];
    private long _writes;
    private long _queued;
    private long _stale;
    private long _slowest;

    /// <param name="cluster">Nodes under load.</param>
    /// <param name="allow">Time after a write is in the log during which other nodes may still return the previous value.</param>
    /// <param name="every">
    /// Time between two writes, which the nodes start in turn regardless of earlier writes. Default: null (each node has a writer that waits).
    /// </param>
    public Load(NodeGroup cluster, TimeSpan allow, TimeSpan? every = null)
    {
        _cluster = cluster;
        _allow = allow;
        cluster.Truth.Slowness = TimeSpan.FromMilliseconds(3);
        foreach (var node in cluster.Nodes)
        {
            for (var i = 0; i < ReadersEach; i++)
                _running.Add(Task.Run(() => ReadAsync(node)));
            if (every is null)
                _running.Add(Task.Run(() => WriteAsync(node)));
        }

        if (every is { } pace)
            _running.Add(Task.Run(() => WriteEveryAsync(pace)));
    }

    public long Reads => _outcomes.Sum();

    public long Writes => Interlocked.Read(ref _writes);

    /// <summary>Number of results older than due.</summary>
    public long Stale => Interlocked.Read(ref _stale);

    /// <summary>Number of writes not yet in the log when they returned.</summary>
    public long Queued => Interlocked.Read(ref _queued);

    /// <summary>Returns the duration of the slowest read since the previous call.</summary>
    public TimeSpan TakeSlowest() => new(Interlocked.Exchange(ref _slowest, 0));

    /// <summary>Number of stale results, failed calls and calls that exceeded the limit.</summary>
    public int Problems => _problems.Count;

    public long Of(CacheOutcome outcome) => Interlocked.Read(ref _outcomes[(int)outcome]);

    /// <summary>Waits until enough reads had each of the outcomes. A load without them would prove little.</summary>
    public async Task AnsweredFromAsync(params CacheOutcome[] outcomes)
    {
        foreach (var outcome in outcomes)
            await Eventually.TrueAsync($"{Enough} reads are answered from {outcome}", () => Task.FromResult(Of(outcome) >= Enough));
    }

    /// <summary>Lets the load run for a while.</summary>
    public static Task RunsAsync(int milliseconds) =>
        Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System, TestContext.Current.CancellationToken);

    public override string ToString() =>
        $"{Reads} reads ({string.Join(", ", Enum.GetValues<CacheOutcome>().Where(o => Of(o) > 0).Select(o => $"{o} {Of(o)}"))}), {Writes} writes, {_queued} queued at their return, {_problems.Count} problems";

    /// <summary>Ends the load. No problem may have occurred, and every node must then return the current versions.</summary>
    public async Task EndAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        TestContext.Current.TestOutputHelper?.WriteLine(ToString());
        Assert.True(_problems.IsEmpty, $"{this}: {string.Join("; ", _problems.Take(Shown))}");
        await _cluster.AgreedAsync();
        await Eventually.TrueAsync("what was queued is in the log", () => Task.FromResult(_waiting.IsEmpty));
        await _cluster.AgreedAsync();
        foreach (var node in _cluster.Nodes)
        {
            for (var key = 0; key < Keys; key++)
                Assert.Equal(_cluster.Truth.Version(Name(key)), (await node.ReadAsync(Name(key), _cluster.Truth, Group(key))).Value);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        _stop.Dispose();
    }

    private static string Name(int key) => $"item:{key}";

    private static string Group(int key) => $"group:{key % Groups}";

    private async Task ReadAsync(RedisNode node)
    {
        while (!_stop.IsCancellationRequested)
        {
            // Most reads use few keys, so that there are hits.
            for (var i = 0; i < 20; i++)
                await ReadOneAsync(node, (int)(Keys * Math.Pow(Random.Shared.NextDouble(), 2)));
            await PauseAsync(1);
        }
    }

    private async Task ReadOneAsync(RedisNode node, int key)
    {
        var name = Name(key);
        var begin = TimeProvider.System.GetTimestamp();
        var due = _cluster.Truth.Due(name, node.Number, begin, _allow);
        try
        {
            var result = await node.ReadAsync(name, _cluster.Truth, Group(key));
            Interlocked.Increment(ref _outcomes[(int)result.Outcome]);
            if (result.Value < due)
            {
                Interlocked.Increment(ref _stale);
                _problems.Enqueue($"{node.ClientName} gave {name} in version {result.Value} from {result.Outcome}, {due} was due: {_cluster.Truth.Describe(name, result.Value, begin)}");
            }
        }
        catch (Exception e)
        {
            _problems.Enqueue($"{node.ClientName} failed to read {name}: {e.GetType().Name} {e.Message}");
        }

        var took = TimeProvider.System.GetElapsedTime(begin).Ticks;
        for (var slowest = Interlocked.Read(ref _slowest); took > slowest; slowest = Interlocked.Read(ref _slowest))
            Interlocked.CompareExchange(ref _slowest, took, slowest);
        Judge(begin, $"{node.ClientName} reading {name}");
    }

    private async Task WriteAsync(RedisNode node)
    {
        while (!_stop.IsCancellationRequested)
        {
            await WriteJudgedAsync(node);
            await PauseAsync(4);
        }
    }

    private async Task WriteEveryAsync(TimeSpan pace)
    {
        var begun = new List<Task>();
        using var ticks = new PeriodicTimer(pace, TimeProvider.System);
        for (var i = 0; !_stop.IsCancellationRequested; i++)
        {
            begun.RemoveAll(static w => w.IsCompleted);
            begun.Add(WriteJudgedAsync(_cluster[i % _cluster.Nodes.Count]));
            await ticks.WaitForNextTickAsync();
        }

        await Task.WhenAll(begun);
    }

    private async Task WriteJudgedAsync(RedisNode node)
    {
        var begin = TimeProvider.System.GetTimestamp();
        try
        {
            await WriteOneAsync(node);
        }
        catch (Exception e)
        {
            _problems.Enqueue($"{node.ClientName} failed to write: {e.GetType().Name} {e.Message}");
        }

        Interlocked.Increment(ref _writes);
        Judge(begin, $"{node.ClientName} writing");
    }

    private Task WriteOneAsync(RedisNode node)
    {
        var key = Random.Shared.Next(FirstSet);
        return Random.Shared.Next(100) switch
        {
            < 45 => InvalidateAsync(node, [key], i => i.InvalidateKeyAsync(Name(key))),
            < 65 => InvalidateAsync(node, Enumerable.Range(0, FirstSet).Where(k => k % Groups == key % Groups), i => i.InvalidateTagAsync(Group(key))),
            < 75 => InvalidateAsync(node, Enumerable.Range(10, 10), i => i.InvalidatePatternAsync(new GlobPattern("item:1?"))),
            < 79 => InvalidateAsync(node, [7], i => i.InvalidatePatternAsync(new RegexPattern("^item:7$"))),
            < 80 => InvalidateAsync(node, Enumerable.Range(0, FirstSet), i => i.InvalidateEverythingAsync()),
            < 90 => SetAsync(node, FirstSet + (key % (Keys - FirstSet)), set: false),
            _ => SetAsync(node, FirstSet + (key % (Keys - FirstSet)), set: true),
        };
    }

    private async Task InvalidateAsync(RedisNode node, IEnumerable<int> keys, Func<IInvalidator, ValueTask<InvalidationReceipt>> invalidate)
    {
        var writes = keys.Select(k => _cluster.Truth.Commit(Name(k), node.Number)).ToArray();
        var receipt = await invalidate(node.Invalidator);
        foreach (var write in writes)
            write.Returned();
        if (receipt.State == ReceiptState.Applied)
        {
            foreach (var write in writes)
                write.IsInLog();
            return;
        }

        Interlocked.Increment(ref _queued);
        _ = AppliedLaterAsync(receipt, writes);
    }

    private async Task AppliedLaterAsync(InvalidationReceipt receipt, TruthWrite[] writes)
    {
        _waiting.TryAdd(receipt, true);
        await receipt.WaitForReclaimAsync();
        foreach (var write in writes)
            write.IsInLog();
        _waiting.TryRemove(receipt, out _);
    }

    private async Task SetAsync(RedisNode node, int key, bool set)
    {
        // The previous set has not ended. To wait for it here would count as a slow call.
        if (!await _writers[key].WaitAsync(0))
            return;
        try
        {
            if (!set)
            {
                await InvalidateAsync(node, [key], i => i.InvalidateKeyAsync(Name(key)));
                return;
            }

            // Nothing reports when a queued set reaches the log, so the version is due on this node only.
            var begin = TimeProvider.System.GetTimestamp();
            var write = _cluster.Truth.Commit(Name(key), node.Number);
            await node.Cache.SetAsync(Name(key), write.Version, tags: [Group(key)]);
            write.Returned();
            if (node.Queued == 0 && TimeProvider.System.GetElapsedTime(begin) < SurelyAnswered)
                write.IsInLog();
        }
        finally
        {
            _writers[key].Release();
        }
    }

    private void Judge(long begin, string what)
    {
        var took = TimeProvider.System.GetElapsedTime(begin);
        if (took > Limit)
            _problems.Enqueue($"{what} took {took.TotalSeconds:F1} s");
    }

    private async Task PauseAsync(int milliseconds)
    {
        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The load has ended.
        }
    }
}
