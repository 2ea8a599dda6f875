using Unstale.Log;

namespace Unstale.Targets;

/// <summary>What a target is to forget: one record of the log, in words that the target has.</summary>
public sealed class TargetInvalidation
{
    internal TargetInvalidation(LogPosition position, InvalidationRecord? record) => (Position, Record) = (position, record);

    /// <summary>Everything; nothing else is named then.</summary>
    public bool IsEverything { get; internal init; }

    /// <summary>Single keys.</summary>
    public IReadOnlyList<string> Keys { get; internal init; } = [];

    /// <summary>Tags: whatever carries one of them.</summary>
    public IReadOnlyList<string> Tags { get; internal init; } = [];

    /// <summary>Texts with which keys begin. Named only to a target that has no patterns.</summary>
    public IReadOnlyList<string> Prefixes { get; internal init; } = [];

    /// <summary>Patterns of keys.</summary>
    public IReadOnlyList<KeyPattern> Patterns { get; internal init; } = [];

    /// <summary>Whatever carries all tags of one of these lists.</summary>
    public IReadOnlyList<IReadOnlyList<string>> AllOf { get; internal init; } = [];

    /// <summary>Up to where the target has heard the log once it has forgotten this.</summary>
    public LogPosition Position { get; }

    /// <summary>The record, with its reason and who raised it; null for an "everything" that stands for records which were not told.</summary>
    public InvalidationRecord? Record { get; }
}
