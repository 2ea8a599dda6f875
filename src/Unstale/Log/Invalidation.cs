using System.Runtime.CompilerServices;
using System.Text;
using Unstale.Values;

namespace Unstale.Log;

/// <summary>
/// One event to be raised: targets with their origins, timings and counters, and the reason. Built by an <see cref="InvalidationBuilder"/>, and
/// appended to the log as one record or several.
/// </summary>
/// <param name="Items">Targets, in the order they were named.</param>
/// <param name="Reason">Reason given by the caller. Shortened to 512 bytes of UTF-8.</param>
internal sealed record Invalidation(ReadOnlyMemory<InvalidationItem> Items, string? Reason)
{
    /// <summary>Maximum number of targets of one timing. An invalidation with more targets is "everything".</summary>
    public const int MostTargets = 10_000;

    private const int MostTargetsOfRecord = 500;
    private const int MostBytesOfRecord = 16 * 1024;
    private const int MostBytesOfReason = 512;

    private static readonly InvalidationTiming[] Timings = Enum.GetValues<InvalidationTiming>();

    /// <summary>Creates the invalidation of one target.</summary>
    public Invalidation(in InvalidationTarget target, string? reason)
        : this(new InvalidationItem[] { new(target) }, reason)
    {
    }

    public string? Reason
    {
        get;
        init => field = LimitReason(value);
    }

    = LimitReason(Reason);

    /// <summary>Whether only the declared dependents among the targets are invalidated: <see cref="RecordFlags.DirectDependents"/>.</summary>
    public bool IsDirect { get; init; }

    public int Count => Items.Length;

    /// <summary>Whether all targets have the same timing.</summary>
    public bool HasOneTiming => IsOnly(Items.Span[0].Timing);

    /// <summary>Whether the invalidation fits into one record.</summary>
    public bool IsOneRecord => HasOneTiming && LengthOfRecord(0) == Count;

    /// <summary>Flags of the record. All targets of a record have the same timing.</summary>
    public RecordFlags Flags => (IsDirect ? RecordFlags.DirectDependents : RecordFlags.None) | Items.Span[0].Timing switch
    {
        InvalidationTiming.Lazy => RecordFlags.Lazy,
        InvalidationTiming.ServeStaleOnce => RecordFlags.Lazy | RecordFlags.ServeStaleOnce,
        _ => RecordFlags.None,
    };

    public string? Via => RecordVia.Format(Items.Span);

    /// <summary>Shortens a reason to 512 bytes of UTF-8 at a character boundary. Replaces an unpaired surrogate with the replacement character.</summary>
    public static string? LimitReason(string? reason)
    {
        if (reason is not null && CacheNames.HalfPairIn(reason) >= 0)
            reason = string.Concat(reason.EnumerateRunes());
        if (reason is null || reason.Length <= MostBytesOfReason / 3 || Encoding.UTF8.GetByteCount(reason) <= MostBytesOfReason)
            return reason;
        var bytes = 0;
        var length = 0;
        foreach (var rune in reason.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > MostBytesOfReason)
                break;
            length += rune.Utf16SequenceLength;
        }

        return reason[..length];
    }

    /// <summary>Copies the targets.</summary>
    public InvalidationTarget[] Targets()
    {
        var targets = new InvalidationTarget[Count];
        for (var i = 0; i < targets.Length; i++)
            targets[i] = Items.Span[i].Target;
        return targets;
    }

    /// <summary>Returns the counter of each target, in the order of the targets; null if nothing is counted.</summary>
    public StrongBox<long>?[]? Counters()
    {
        StrongBox<long>?[]? counters = null;
        for (var i = 0; i < Count; i++)
        {
            if (Items.Span[i].Cause is { } cause)
                (counters ??= new StrongBox<long>?[Count])[i] = cause.Entries;
        }

        return counters;
    }

    /// <summary>Returns the invalidation with the targets of one timing; null if there are none.</summary>
    public Invalidation? At(InvalidationTiming timing)
    {
        if (IsOnly(timing))
            return this;
        using var kept = InvalidationBuilder.Rent();
        foreach (ref readonly var item in Items.Span)
        {
            if (item.Timing == timing)
                kept.Add(item);
        }

        return kept.Count == 0 ? null : this with { Items = kept.ToArray() };
    }

    /// <summary>Separates the targets that wait for the end of the batch window from the other ones.</summary>
    public (Invalidation? Now, Invalidation? Later) Split()
    {
        if (At(InvalidationTiming.Batched) is not { } later)
            return (this, null);
        return ReferenceEquals(later, this) ? (null, later) : (Where(i => Items.Span[i].Timing != InvalidationTiming.Batched), later);
    }

    /// <summary>Returns the invalidation without keys and tags longer than any entry can carry; null if no target remains.</summary>
    public Invalidation? WithoutLongNames(int longest)
    {
        foreach (ref readonly var item in Items.Span)
        {
            if (IsLong(item, longest))
                return WhereShort(longest);
        }

        return this;
    }

    /// <summary>Returns one invalidation for each timing that a target has.</summary>
    public List<Invalidation> ByTiming()
    {
        var all = new List<Invalidation>(1);
        foreach (var timing in Timings)
        {
            if (At(timing) is { } alike)
                all.Add(alike);
        }

        return all;
    }

    /// <summary>Returns the invalidation, or "everything" if it names more than 10,000 targets.</summary>
    public Invalidation Bounded() => Count > MostTargets ? Everything() : this;

    /// <summary>
    /// Splits an invalidation of one timing into records of at most 500 targets, or 16 KB of target text, each. A push thus remains small enough for
    /// any client.
    /// </summary>
    public List<Invalidation> Parts()
    {
        var parts = new List<Invalidation>(1);
        for (var start = 0; start < Count; start += parts[^1].Count)
            parts.Add(this with { Items = Items.Slice(start, LengthOfRecord(start)) });
        return parts;
    }

    /// <summary>Returns the invalidation with some of its targets; null if none remains.</summary>
    /// <param name="isKept">Whether the target at an index remains.</param>
    public Invalidation? Where(Func<int, bool> isKept)
    {
        using var kept = InvalidationBuilder.Rent();
        for (var i = 0; i < Count; i++)
        {
            if (isKept(i))
                kept.Add(Items.Span[i]);
        }

        return kept.Count == Count ? this : kept.Count == 0 ? null : this with { Items = kept.ToArray() };
    }

    private Invalidation? WhereShort(int longest) => Where(i => !IsLong(Items.Span[i], longest));

    private static bool IsLong(in InvalidationItem item, int longest) => item.Target.Kind is TargetKind.Key or TargetKind.Tag && item.Target.Text.Length > longest;

    private bool IsOnly(InvalidationTiming timing)
    {
        foreach (ref readonly var item in Items.Span)
        {
            if (item.Timing != timing)
                return false;
        }

        return true;
    }

    /// <summary>Returns the number of targets of the record that begins at an index.</summary>
    private int LengthOfRecord(int start)
    {
        var items = Items.Span[start..];
        var bytes = 0;
        for (var i = 0; i < items.Length; i++)
        {
            bytes += items[i].Target.TextBytes;
            if (i > 0 && (i == MostTargetsOfRecord || bytes > MostBytesOfRecord))
                return i;
        }

        return items.Length;
    }

    /// <summary>Returns "everything" in place of the invalidation. Cause and chain are preserved if all targets have the same one.</summary>
    private Invalidation Everything()
    {
        var first = Items.Span[0];
        var (cause, chain) = (first.Cause, first.Chain);
        foreach (ref readonly var item in Items.Span)
        {
            cause = item.Cause == cause ? cause : null;
            chain = item.Cause == first.Cause && item.Chain == chain ? chain : null;
        }

        return this with { Items = new InvalidationItem[] { first with { Target = InvalidationTarget.Everything, Cause = cause, Chain = chain } } };
    }
}
