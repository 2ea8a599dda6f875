namespace Unstale.Redis.Channel;

/// <summary>Statistics of a channel, in messages and milliseconds.</summary>
public sealed record ChannelCounters
{
    /// <summary>Number of messages published by this process.</summary>
    public long Published { get; init; }

    /// <summary>Number of messages received, without rejected ones and own ones.</summary>
    public long Received { get; init; }

    /// <summary>Number of failures: of publishing, of callbacks, and rejected messages.</summary>
    public long Errors { get; init; }

    /// <summary>Number of payloads received that are not valid messages. Part of <see cref="Errors"/>.</summary>
    public long Rejected { get; init; }

    /// <summary>
    /// Number of messages of which a part was ignored, because the options accept neither everything nor that prefix. Part of <see cref="Received"/>.
    /// </summary>
    public long Refused { get; init; }

    /// <summary>Number of messages with patterns that arrived too fast and were replaced by prefixes. Part of <see cref="Received"/>.</summary>
    public long Collapsed { get; init; }

    /// <summary>Number of own messages received and ignored.</summary>
    public long Own { get; init; }

    /// <summary>Number of messages dropped because they arrived faster than callbacks handled them.</summary>
    public long Dropped { get; init; }

    /// <summary>Number of times that messages may have been missed, because the subscription was lost or messages were dropped.</summary>
    public long Gaps { get; init; }

    /// <summary>Number of callbacks that ran for more than a millisecond.</summary>
    public long SlowCallbacks { get; init; }

    /// <summary>Median duration of the newest 1,000 callbacks; 0 for none.</summary>
    public double LatencyP50Ms { get; init; }

    /// <summary>99th percentile of the duration of the newest 1,000 callbacks; 0 for none.</summary>
    public double LatencyP99Ms { get; init; }

    /// <summary>Median age of the newest 1,000 messages on receipt, by the clocks of sender and receiver; 0 for none.</summary>
    public double AgeP50Ms { get; init; }

    /// <summary>99th percentile of the age of the newest 1,000 messages on receipt, by the clocks of sender and receiver; 0 for none.</summary>
    public double AgeP99Ms { get; init; }
}
