using System.Collections.Concurrent;
using Unstale.Log;

namespace Unstale.Tests.Log;

/// <summary>Stores the notifications of a log and detects overlapping calls.</summary>
internal sealed class RecordingObserver : ILogObserver
{
    private int _inside;

    public ConcurrentQueue<(Generation Generation, LoggedRecord Record)> Pushes { get; } = [];

    public int Connections { get; private set; }

    public int Disconnections { get; private set; }

    public bool Overlapped { get; private set; }

    public IReadOnlyList<long> Sequences => [.. Pushes.Select(p => p.Record.Sequence)];

    public void Connected() => OneAtATime(() => Connections++);

    public void Disconnected() => OneAtATime(() => Disconnections++);

    public void Pushed(int partition, Generation generation, LoggedRecord record) =>
        OneAtATime(() => Pushes.Enqueue((generation, record)));

    /// <summary>Number of requests to read or to confirm.</summary>
    public int Misses { get; private set; }

    public void Missed(int partition) => OneAtATime(() => Misses++);

    private void OneAtATime(Action action)
    {
        Overlapped |= Interlocked.Increment(ref _inside) > 1;
        action();
        Interlocked.Decrement(ref _inside);
    }
}
