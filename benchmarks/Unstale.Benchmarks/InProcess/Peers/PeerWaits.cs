using System.Diagnostics;
using Unstale.Benchmarks.InProcess.ColdKeys;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.InProcess.Peers;

/// <summary>Callers that wait for a running load of their key.</summary>
internal sealed class PeerWaits(ITaggedPeer peer)
{
    private const int Callers = 1_000;
    private const int Samples = 5;

    private readonly Task<string>[] _reads = new Task<string>[Callers];
    private int _next;

    public static IEnumerable<MemoryPeerLine> Measure(InProcessScale scale)
    {
        ITaggedPeer[] peers = [MemoryPeers.Ours[0](), .. MemoryPeers.Tagged.Select(static create => create())];
        try
        {
            var waits = peers.Select(static peer => new PeerWaits(peer)).ToArray();
            var times = scale.ColdKeys.Medians([.. waits.Select(static wait => (Func<double>)wait.Microseconds)]);
            yield return MemoryPeerLine.Of($"{Callers:N0} callers wait for a load, until all have the value", "µs", times[0], times[1..]);
            var bytes = waits.Select(static wait => wait.Bytes()).ToArray();
            yield return MemoryPeerLine.Of($"{Callers:N0} callers wait for a load, bytes per caller", "B", bytes[0], bytes[1..]);
        }
        finally
        {
            foreach (var peer in peers)
                peer.Dispose();
        }
    }

    /// <summary>Returns the time from the end of the load until all callers have the value.</summary>
    /// <exception cref="InvalidOperationException">The value was loaded more than once, or a caller has another value.</exception>
    public double Microseconds()
    {
        var load = new HeldLoad();
        var read = peer.Read(Keys.Of(_next++), tags: null, load.RunAsync);
        for (var caller = 0; caller < Callers; caller++)
            _reads[caller] = read().AsTask();
        var all = new ValueTask(Task.WhenAll((Task[])_reads));
        var start = Stopwatch.GetTimestamp();
        load.End();
        all.Wait();
        var elapsed = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        if (load.Calls != 1 || !Array.TrueForAll(_reads, static read => ReferenceEquals(read.Result, Keys.Value)))
            throw new InvalidOperationException($"{peer.GetType().Name} does not give the value of one load to all callers.");
        return elapsed;
    }

    /// <summary>Includes the task of each caller, and eight bytes of the measurement.</summary>
    private double Bytes() => Rounds.Median(Enumerable.Range(0, Samples).Select(_ => MemoryUse.AllocatedByProcess(() => Microseconds()) / Callers));
}
