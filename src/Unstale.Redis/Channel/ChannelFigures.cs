namespace Unstale.Redis.Channel;

/// <summary>What went over a channel, in messages and milliseconds.</summary>
public sealed record ChannelFigures
{
    /// <summary>Messages published here.</summary>
    public long Published { get; init; }

    /// <summary>Messages heard, those that were rejected and one's own not among them.</summary>
    public long Received { get; init; }

    /// <summary>What failed: publishing, callbacks, and messages that were rejected.</summary>
    public long Errors { get; init; }

    /// <summary>What was heard and is no message. Part of <see cref="Errors"/>.</summary>
    public long Rejected { get; init; }

    /// <summary>
    /// Messages of which a part was left out, because the options accept neither everything nor other prefixes. Part of <see cref="Received"/>.
    /// </summary>
    public long Refused { get; init; }

    /// <summary>Messages with patterns that came too fast: prefixes were invalidated in their place. Part of <see cref="Received"/>.</summary>
    public long Collapsed { get; init; }

    /// <summary>Own messages heard and left out.</summary>
    public long Own { get; init; }

    /// <summary>Messages dropped here because callbacks were slower than they came.</summary>
    public long Dropped { get; init; }

    /// <summary>How often messages may have been missed: the subscription was lost, or messages were dropped.</summary>
    public long Gaps { get; init; }

    /// <summary>Callbacks that took more than a millisecond.</summary>
    public long SlowCallbacks { get; init; }

    /// <summary>The middle one of the newest 1,000 callbacks; 0 for none.</summary>
    public double LatencyP50Ms { get; init; }

    /// <summary>99 of 100 of the newest 1,000 callbacks were faster; 0 for none.</summary>
    public double LatencyP99Ms { get; init; }

    /// <summary>The middle age of the newest 1,000 messages when they were heard, by both clocks; 0 for none.</summary>
    public double AgeP50Ms { get; init; }

    /// <summary>The age that 99 of 100 of the newest 1,000 messages were below, by both clocks; 0 for none.</summary>
    public double AgeP99Ms { get; init; }
}
