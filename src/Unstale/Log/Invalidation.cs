using System.Runtime.CompilerServices;

namespace Unstale.Log;

/// <summary>One event to be raised: what it names, why, and who wants to know what comes of it.</summary>
/// <param name="Targets">What became untrue.</param>
/// <param name="Reason">Why, in the raiser's words; at most 512 bytes of UTF-8.</param>
internal sealed record Invalidation(InvalidationTarget[] Targets, string? Reason)
{
    /// <summary>One that names more is "everything".</summary>
    public const int MostTargets = 10_000;

    public RecordFlags Flags { get; init; }

    /// <summary>How each target came into it, in their order; null if the call named them all.</summary>
    public TargetOrigin[]? Origins { get; init; }

    /// <summary>Who counts the entries that a target took, in the order of the targets; null where nobody does.</summary>
    public StrongBox<long>?[]? Counters { get; init; }

    public string? Via => Origins is null ? null : RecordVia.Of(Origins);

    /// <summary>What each of its records is to hold. Above 10,000 targets that is "everything".</summary>
    public List<Invalidation> Parts()
    {
        var bounded = Bounded();
        var parts = RecordParts.Of(bounded.Targets);
        return parts.Count == 1 ? [bounded] : parts.ConvertAll(bounded.Part);
    }

    /// <summary>The invalidation, or "everything" in its place if it names more than 10,000 targets.</summary>
    public Invalidation Bounded() => Targets.Length > MostTargets ? Everything() : this;

    /// <summary>The invalidation with some of its targets; null if none is left.</summary>
    public Invalidation? Where(Func<InvalidationTarget, bool> isKept)
    {
        int[] kept = [.. Enumerable.Range(0, Targets.Length).Where(i => isKept(Targets[i]))];
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

    /// <summary>It is still said who named it and counted for whom, if that is one for all targets.</summary>
    private Invalidation Everything() => this with
    {
        Targets = [InvalidationTarget.Everything],
        Origins = Origins?.Distinct().Count() == 1 ? Origins[..1] : null,
        Counters = Counters?.Distinct().Count() == 1 ? Counters[..1] : null,
    };
}
