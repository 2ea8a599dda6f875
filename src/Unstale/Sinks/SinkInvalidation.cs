using Unstale.Log;

namespace Unstale.Sinks;

/// <summary>Names that a sink must remove: one record of the log, in the kinds of names supported by the sink.</summary>
public sealed class SinkInvalidation
{
    internal SinkInvalidation(LogPosition position, InvalidationRecord? record) => (Position, Record) = (position, record);

    /// <summary>Whether everything must be removed. No names are given then.</summary>
    public bool IsEverything { get; internal init; }

    /// <summary>Single keys.</summary>
    public IReadOnlyList<string> Keys { get; internal init; } = [];

    /// <summary>Tags. All entries that carry one of them must be removed.</summary>
    public IReadOnlyList<string> Tags { get; internal init; } = [];

    /// <summary>Prefixes of keys, in place of keys or patterns not supported by the sink.</summary>
    public IReadOnlyList<string> Prefixes { get; internal init; } = [];

    /// <summary>Patterns over keys.</summary>
    public IReadOnlyList<KeyPattern> Patterns { get; internal init; } = [];

    /// <summary>Lists of tags. All entries that carry every tag of one list must be removed.</summary>
    public IReadOnlyList<IReadOnlyList<string>> AllOf { get; internal init; } = [];

    /// <summary>Position up to which the sink has applied the log after this invalidation.</summary>
    public LogPosition Position { get; }

    /// <summary>Record with its reason and origin; null for "everything" in place of records not sent.</summary>
    public InvalidationRecord? Record { get; }
}
