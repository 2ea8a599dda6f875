using System.Diagnostics;
using Unstale.Benchmarks.Redis;

namespace Unstale.Benchmarks.Channel;

/// <summary>
/// Publishers faster than any subscriber. The number of messages on the way is enough for the subscriber to be always busy, and no more than its
/// queue holds: a dropped message is not received, and a wait for it fails.
/// </summary>
internal sealed class Flood : IDisposable
{
    private const int Publishers = 2, Batches = 16;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _room = new(Batches);
    private readonly BarePublisher[] _publishers;
    private int _received;

    public Flood(PrivateRedis server, string channel) =>
        _publishers = [.. Enumerable.Range(0, Publishers).Select(_ => new BarePublisher(server, channel))];

    /// <summary>Counts received messages. Called by the subscriber, by one thread at a time.</summary>
    public void Received(int messages)
    {
        _received += messages;
        if (_received >= ChannelMessages.Count)
        {
            _room.Release(_received / ChannelMessages.Count);
            _received %= ChannelMessages.Count;
        }
    }

    /// <summary>Returns the number of messages received per second. Every message sent is received.</summary>
    public double PerSecond(TimeSpan slice)
    {
        var start = Stopwatch.GetTimestamp();
        var sent = _publishers.AsParallel().WithDegreeOfParallelism(Publishers).Sum(publisher => Run(publisher, start, slice));
        for (var batch = 0; batch < Batches; batch++)
            WaitForRoom();
        var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        _room.Release(Batches);
        return sent / elapsed;
    }

    public void Dispose()
    {
        foreach (var publisher in _publishers)
            publisher.Dispose();
        _room.Dispose();
    }

    private long Run(BarePublisher publisher, long start, TimeSpan slice)
    {
        var sent = 0L;
        for (; Stopwatch.GetElapsedTime(start) < slice; sent += ChannelMessages.Count)
        {
            WaitForRoom();
            publisher.Publish(ChannelMessages.Count);
        }

        return sent;
    }

    private void WaitForRoom()
    {
        if (!_room.Wait(Limit))
            throw new InvalidOperationException($"The subscriber heard less than was published within {Limit.TotalSeconds:0} s.");
    }
}
