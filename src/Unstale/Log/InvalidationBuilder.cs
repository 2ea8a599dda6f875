using System.Runtime.InteropServices;
using Unstale.Predicates;

namespace Unstale.Log;

/// <summary>
/// Collects the targets of an invalidation with their origins, timings and counters, and the reasons. A rented builder belongs to one thread until
/// its disposal, which makes the builder available again.
/// </summary>
internal sealed class InvalidationBuilder : IDisposable
{
    private const int MostReasons = 16;

    /// <summary>Number of targets above which a builder is not used again, because it would retain its size.</summary>
    private const int MostRetained = 1_024;

    [ThreadStatic]
    private static InvalidationBuilder? _idle;

    private readonly List<InvalidationItem> _items = [];
    private readonly List<string> _reasons = [];
    private readonly List<Invalidation> _merged = [];

    /// <summary>Timings that name each target, and in the upper half the timings that have claimed it.</summary>
    private readonly Dictionary<InvalidationTarget, int> _seen = [];

    public int Count => _items.Count;

    public ReadOnlySpan<InvalidationItem> Items => CollectionsMarshal.AsSpan(_items);

    /// <summary>Returns an empty builder. User code that runs before the disposal may rent another one.</summary>
    public static InvalidationBuilder Rent()
    {
        var builder = _idle ?? new();
        _idle = null;
        return builder;
    }

    /// <summary>Returns a builder that several threads use, one at a time, for any time. Never disposed: the idle builder of a thread is for short uses.</summary>
    public static InvalidationBuilder CreateShared() => new();

    public void Add(in InvalidationItem item) => _items.Add(item);

    /// <summary>Adds a target unless the builder has it.</summary>
    public void AddOnce(in InvalidationItem item)
    {
        if (_seen.TryAdd(item.Target, 0))
            _items.Add(item);
    }

    /// <summary>
    /// Adds the targets and the reason of an invalidation. A target of the builder remains as first named. Targets above the maximum of one invalidation
    /// are left out, because the invalidation is then "everything" anyway.
    /// </summary>
    /// <param name="more">Invalidation to add.</param>
    /// <param name="timing">Timing of the added targets; null for their own.</param>
    public void Merge(Invalidation more, InvalidationTiming? timing = null)
    {
        foreach (ref readonly var item in more.Items.Span)
        {
            if (Count > Invalidation.MostTargets)
                break;
            AddOnce(item with { Timing = timing ?? item.Timing });
        }

        _merged.Add(more);
        if (more.Reason is { } reason && _reasons.Count < MostReasons && !_reasons.Contains(reason, StringComparer.Ordinal))
            _reasons.Add(reason);
    }

    /// <summary>Sets the timing of the targets from an index on.</summary>
    public void SetTiming(int start, InvalidationTiming timing)
    {
        foreach (ref var item in CollectionsMarshal.AsSpan(_items)[start..])
            item = item with { Timing = timing };
    }

    /// <summary>
    /// Leaves each target to the first of those that name it for the earliest timing: immediate before lazy, and lazy before batched. One stale read and
    /// a batch window do not cover each other, because each may serve values forbidden by the other.
    /// </summary>
    public void KeepEarliest()
    {
        var items = CollectionsMarshal.AsSpan(_items);
        foreach (ref readonly var item in items)
            CollectionsMarshal.GetValueRefOrAddDefault(_seen, item.Target, out _) |= Bit(item.Timing);
        var kept = 0;
        foreach (ref readonly var item in items)
        {
            ref var seen = ref CollectionsMarshal.GetValueRefOrNullRef(_seen, item.Target);
            var claimed = Bit(item.Timing) << 16;
            if ((seen & (Covering(item.Timing) | claimed)) != 0)
                continue;
            seen |= claimed;
            items[kept++] = item;
        }

        _items.RemoveRange(kept, items.Length - kept);
    }

    public InvalidationItem[] ToArray() => [.. _items];

    /// <summary>Returns the collected invalidation. A given reason takes precedence over the reasons of merged invalidations.</summary>
    public Invalidation ToInvalidation(string? reason = null)
    {
        AddTables();
        return new(ToArray(), reason ?? (_reasons.Count == 0 ? null : string.Join("; ", _reasons)));
    }

    /// <summary>Returns the invalidation collected since the last call, without the targets of earlier ones; null if there is none.</summary>
    public Invalidation? Detach()
    {
        AddTables();
        var collected = Count == 0 ? null : ToInvalidation();
        _items.Clear();
        _reasons.Clear();
        _merged.Clear();
        return collected;
    }

    public void Dispose()
    {
        if (_items.Capacity > MostRetained || _seen.Count > MostRetained)
            return;
        _items.Clear();
        _reasons.Clear();
        _merged.Clear();
        _seen.Clear();
        _idle = this;
    }

    /// <summary>
    /// Adds an unknown change of each table that one merged invalidation names as a tag without a row, and another with a row: beside a row of the table,
    /// the tag alone would concern no predicate.
    /// </summary>
    private void AddTables()
    {
        if (_merged.Count == 0)
            return;
        var tables = _seen.Keys.Select(static target => target.Change?.Table).OfType<string>().ToHashSet(StringComparer.Ordinal);
        if (tables.Count == 0)
            return;
        foreach (var table in _merged.SelectMany(BareTags).ToList())
            AddOnce(new(InvalidationTarget.ForRow(RowChange.OfTable(table))));

        IEnumerable<string> BareTags(Invalidation one)
        {
            var targets = one.Targets();
            return targets.Where(target => target.Kind == TargetKind.Tag && tables.Contains(target.Text) && !RowTargets.HasRowOf(targets, target.Text))
                .Select(static target => target.Text);
        }
    }

    private static int Bit(InvalidationTiming timing) => 1 << (int)timing;

    /// <summary>Returns the timings that invalidate a target at least as early.</summary>
    private static int Covering(InvalidationTiming timing) => timing switch
    {
        InvalidationTiming.Immediate => 0,
        InvalidationTiming.Lazy => Bit(InvalidationTiming.Immediate),
        _ => Bit(InvalidationTiming.Immediate) | Bit(InvalidationTiming.Lazy),
    };
}
