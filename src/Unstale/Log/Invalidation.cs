using System.Runtime.CompilerServices;

namespace Unstale.Log;

/// <summary>One event to be raised: targets, reason, and counters for its result.</summary>
/// <param name="Targets">Invalidated targets.</param>
/// <param name="Reason">Reason given by the caller; at most 512 bytes of UTF-8.</param>
internal sealed record Invalidation(InvalidationTarget[] Targets, string? Reason)
{
    /// <summary>Maximum number of targets. An invalidation with more targets is "everything".</summary>
    public const int MostTargets = 10_000;

    public RecordFlags Flags { get; init; }

    /// <summary>Origin of each target, in the order of the targets; null if the call named them all.</summary>
    public TargetOrigin[]? Origins { get; init; }

    /// <summary>Counters of the entries removed per target, in the order of the targets; null where nothing is counted.</summary>
    public StrongBox<long>?[]? Counters { get; init; }

    public string? Via => Origins is null ? null : RecordVia.Of(Origins);

    /// <summary>Splits the invalidation into one for each record. Above 10,000 targets the result is "everything".</summary>
    public List<Invalidation> Parts()
    {
        var bounded = Bounded();
        var parts = RecordParts.Of(bounded.Targets);
        return parts.Count == 1 ? [bounded] : parts.ConvertAll(bounded.Part);
    }

    /// <summary>Returns the invalidation, or "everything" if it names more than 10,000 targets.</summary>
    public Invalidation Bounded() => Targets.Length > MostTargets ? Everything() : this;

    /// <summary>Returns the invalidation with some of its targets; null if none remains.</summary>
    /// <param name="isKept">Whether the target at an index remains.</param>
    public Invalidation? Where(Func<int, bool> isKept)
    {
        int[] kept = [.. Enumerable.Range(0, Targets.Length).Where(isKept)];
        if (kept.Length == Targets.Length)
            return this;
        return kept.Length == 0 ? null : this with
        {
            Targets = Array.ConvertAll(kept, i => Targets[i]),
            Origins = Origins is null ? null : Array.ConvertAll(kept, i => Origins[i]),
            Counters = Counters is null ? null : Array.ConvertAll(kept, i => Counters[i]),
        };
    }

    private Invalidation Part(ArraySegment<InvalidationTarget> part)
    {
        var (start, end) = (part.Offset, part.Offset + part.Count);
        return this with { Targets = Targets[start..end], Origins = Origins?[start..end], Counters = Counters?[start..end] };
    }

    /// <summary>Returns "everything" in place of the invalidation. Origin and counter are preserved if all targets have the same one.</summary>
    private Invalidation Everything() => this with
    {
        Targets = [InvalidationTarget.Everything],
        Origins = Origins?.Distinct().Count() == 1 ? Origins[..1] : null,
        Counters = Counters?.Distinct().Count() == 1 ? Counters[..1] : null,
    };
}
