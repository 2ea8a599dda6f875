namespace Unstale.Redis.Channel;

/// <summary>Counters of a channel. Latency is the duration of callbacks, measured over the newest 1,000. Thread-safe.</summary>
public sealed class ChannelStatistics
{
    private static readonly double Slow = TimeSpan.FromMilliseconds(1).TotalMilliseconds;

    private readonly Lock _gate = new();
    private LatencyWindow _latencies = new();
    private LatencyWindow _ages = new();
    private ChannelCounters _counts = new();

    /// <summary>Metrics to which durations and ages are passed on; null for none.</summary>
    internal ChannelMetrics? Metrics { get; set; }

    /// <summary>
    /// Counts a message that the application published by other means. The publisher and the subscriber of the channel count their own messages, failures and callbacks.
    /// </summary>
    public void RecordPublish() => Count(static figures => figures with { Published = figures.Published + 1 });

    /// <summary>Counts a message that the application received by other means.</summary>
    public void RecordReceive() => Count(static figures => figures with { Received = figures.Received + 1 });

    /// <summary>Counts a failure of the application, such as a message that it could not publish or handle.</summary>
    public void RecordError() => Count(static figures => figures with { Errors = figures.Errors + 1 });

    /// <summary>Records the duration of a callback in milliseconds.</summary>
    public void RecordLatency(double milliseconds)
    {
        lock (_gate)
        {
            _latencies.Add(milliseconds);
            _counts = milliseconds > Slow ? _counts with { SlowCallbacks = _counts.SlowCallbacks + 1 } : _counts;
        }

        Metrics?.Called(milliseconds);
    }

    /// <summary>Returns the current figures.</summary>
    public ChannelCounters Snapshot()
    {
        lock (_gate)
        {
            return _counts with
            {
                LatencyP50Ms = _latencies.Quantile(0.5),
                LatencyP99Ms = _latencies.Quantile(0.99),
                AgeP50Ms = _ages.Quantile(0.5),
                AgeP99Ms = _ages.Quantile(0.99),
            };
        }
    }

    /// <summary>Resets all counters and measurements.</summary>
    public void Reset()
    {
        lock (_gate)
            (_latencies, _ages, _counts) = (new(), new(), new());
    }

    /// <summary>Returns the counters, without the quantiles, which cost more.</summary>
    internal ChannelCounters Counters()
    {
        lock (_gate)
            return _counts;
    }

    internal void AddReceived(double age)
    {
        lock (_gate)
        {
            _ages.Add(age);
            _counts = _counts with { Received = _counts.Received + 1 };
        }

        Metrics?.Received(age);
    }

    internal void Count(Func<ChannelCounters, ChannelCounters> change)
    {
        lock (_gate)
            _counts = change(_counts);
    }
}
