using System.Globalization;
using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Cluster;

/// <summary>A source of one row, writers that have committed and not yet called the cache, and two nodes.</summary>
internal sealed class VersionedRun : IAsyncDisposable
{
    private readonly TestCluster _cluster = new();
    private readonly List<long> _committed = [];
    private readonly List<Task> _running = [];
    private readonly List<ServerFaults.Hold> _holds = [];
    private readonly List<Source> _slow = [];
    private long _version;

    /// <summary>For each node, the newest version passed to a call that has returned.</summary>
    private readonly long[] _reported = new long[2];

    public VersionedRun() => _cluster.Server.KnowVersions();

    public async Task DoAsync(VersionedWriterTests.Step step)
    {
        var node = _cluster.Nodes[step.Node];
        switch (step.Act)
        {
            case VersionedWriterTests.Act.Commit:
                _committed.Add(++_version);
                break;
            case VersionedWriterTests.Act.WriteThrough or VersionedWriterTests.Act.TellWithoutValue when _committed.Count > 0:
                var at = step.Which % _committed.Count;
                _running.Add(TellAsync(step.Node, _committed[at], step.Act == VersionedWriterTests.Act.WriteThrough));
                _committed.RemoveAt(at);
                break;
            case VersionedWriterTests.Act.Read:
                await ReadAsync(step.Node);
                break;
            case VersionedWriterTests.Act.Invalidate:
                _running.Add(node.Invalidator.InvalidateKeyAsync("k").AsTask());
                break;
            case VersionedWriterTests.Act.HoldBefore or VersionedWriterTests.Act.HoldAfter:
                _holds.Add(node.Faults.HoldNext(ServerScript.Set, afterwards: step.Act == VersionedWriterTests.Act.HoldAfter));
                break;
            case VersionedWriterTests.Act.LoadSlowly:
                var source = new Source(Now);
                source.Hold();
                _slow.Add(source);
                _running.Add(node.ReadAsync("k", source).AsTask());
                break;
            case VersionedWriterTests.Act.LetGo:
                LetGo();
                break;
            case VersionedWriterTests.Act.Wait:
                _cluster.Advance(.2 * step.Which);
                break;
            case VersionedWriterTests.Act.Minute: // and some seconds, so that earlier versions are too old to be appended again in a new history
                for (var second = 0; second < 65; second++)
                    _cluster.Advance(1);
                break;
            default:
                Break(node, step);
                break;
        }
    }

    /// <summary>Ends all holds and faults and completes every writer. Verifies that every node then serves the newest version.</summary>
    public async Task EndAsync()
    {
        foreach (var node in _cluster.Nodes)
            node.Heal();
        LetGo();
        while (_committed.Count > 0)
            await DoAsync(new(VersionedWriterTests.Act.WriteThrough, _committed.Count % 2, _committed.Count));
        await Eventually.Holds("all is quiet", IsQuiet, () => _cluster.Advance(.1));
        await Task.WhenAll(_running);
        foreach (var node in Enumerable.Range(0, 2))
            await ReadAsync(node);
        foreach (var node in _cluster.Nodes)
            Assert.True(_version == 0 || Number((await EndsAsync(node.ReadAsync("k", new Source("never to be read")).AsTask())).Value) == _version);
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private string Now => _version.ToString(CultureInfo.InvariantCulture);

    private bool IsQuiet() =>
        _running.TrueForAll(t => t.IsCompleted) && _cluster.Nodes.All(n => n.IsTrusted && n.Cache.GetLogState().Queued == 0)
        && _cluster.Nodes.All(n => n.Position == _cluster.A.Position);

    private async Task TellAsync(int node, long version, bool withValue)
    {
        var cache = _cluster.Nodes[node].Cache;
        if (withValue)
            await cache.WriteThroughAsync("k", version.ToString(CultureInfo.InvariantCulture), version);
        else
            await cache.InvalidateUpToVersionAsync("k", version);
        _reported[node] = Math.Max(_reported[node], version);
    }

    /// <summary>Verifies that a node serves no version older than one passed to a completed call on the node.</summary>
    private async Task ReadAsync(int node)
    {
        var least = _reported[node];
        var read = await EndsAsync(_cluster.Nodes[node].ReadAsync("k", new Source(Now)).AsTask());
        Assert.True(Number(read.Value) >= least, $"node {node} serves {read} after it was told of {least}");
    }

    private Task<CacheResult<string>> EndsAsync(Task<CacheResult<string>> read) => Eventually.Ends("the read ends", read, () =>
    {
        LetGo(); // the read may have joined a slow load
        _cluster.Advance(.05);
    });

    private static long Number(string value) => long.Parse(value, CultureInfo.InvariantCulture);

    private void LetGo()
    {
        foreach (var hold in _holds)
            hold.Release();
        foreach (var source in _slow)
            source.LetGo();
    }

    private void Break(ClusterNode node, VersionedWriterTests.Step step)
    {
        switch (step.Act)
        {
            case VersionedWriterTests.Act.LoseReply:
                node.Faults.LosesReplies = s => s is ServerScript.Set or ServerScript.Append;
                break;
            case VersionedWriterTests.Act.Refuse:
                node.Faults.Refuses = _ => true;
                break;
            case VersionedWriterTests.Act.Cut:
                node.Session.Cut();
                break;
            case VersionedWriterTests.Act.LosePushes:
                node.Faults.DropsPushes = true;
                break;
            case VersionedWriterTests.Act.Mend:
                node.Heal();
                break;
            case VersionedWriterTests.Act.Restart:
                _cluster.Server.RestartWithoutData();
                break;
            case VersionedWriterTests.Act.Fork:
                _cluster.Server.FailOver(Math.Min(step.Which, _cluster.Server.Records.Count));
                break;
        }
    }
}
