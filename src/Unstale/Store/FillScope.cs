using System.Runtime.CompilerServices;
using Unstale.Telemetry;

namespace Unstale.Store;

/// <summary>
/// Which fill the running code belongs to, and who waits for whom. A factory that reads its own key, through however many fills,
/// is told so; a wait that would close a circle between independent fills is not begun.
/// </summary>
internal static class FillScope
{
    private static readonly AsyncLocal<Fill?> Ambient = new();
    private static readonly Lock Graph = new();
    private static LoneCount _running;

    /// <summary>The fill whose factory is running; null outside, and in what a factory left behind when it ended.</summary>
    public static Fill? Current => Ambient.Value is { IsEnded: false } fill ? fill : null;

    public static void Enter(Fill fill) => Ambient.Value = fill;

    /// <summary>Takes the running flow out of the load that it was started in: nothing is recorded for it any more.</summary>
    public static void Leave() => Ambient.Value = null;

    /// <summary>False while no factory runs whose reads are to be known: one compare is all that a hit pays for them then.</summary>
    public static bool MayRecord
    {
        // No barrier: code inside a factory sees what was counted before the factory was called.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _running.Value != 0;
    }

    /// <summary>Its factory is about to be called. True if <see cref="EndReads"/> has to follow.</summary>
    public static bool BeginReads(Fill fill)
    {
        if (!fill.RecordsReads && !fill.Loader.Context.IsPartitioned)
            return false;
        Interlocked.Increment(ref _running.Value); // fills of all caches count in one place
        return true;
    }

    public static void EndReads() => Interlocked.Decrement(ref _running.Value);

    /// <summary>
    /// A cache is about to give the value of an entry to the code that runs now. False if it must not: that code loads a key of another partition
    /// of the log.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool Record(StoreContext reader, Entry entry)
    {
        if (IsOfAnotherPartition(reader))
            return false;
        Record(Current, reader, entry.Key, entry.Tags.Tags);
        return true;
    }

    /// <summary>Whether the code that runs now belongs to the load of a key of another partition of the reader's log.</summary>
    public static bool IsOfAnotherPartition(StoreContext reader)
    {
        if (!reader.IsPartitioned)
            return false;
        for (var fill = Current; fill is not null; fill = fill.Parent)
        {
            var context = fill.Loader.Context;
            if (context.Horizon != reader.Horizon && context.IsPartitioned && string.Equals(context.LogName, reader.LogName, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    /// <summary>
    /// A cache is about to give the value of a key, which carries these, to a factory: the nearest one of the same log is made from it.
    /// Sequences of two logs cannot be compared, so a factory of another log cannot know when it has gone stale.
    /// </summary>
    public static void Record(Fill? fill, StoreContext reader, string key, ReadOnlySpan<string> carried)
    {
        for (; fill is not null; fill = fill.Parent)
        {
            if (fill.Loader.Context.Horizon == reader.Horizon)
            {
                if (!fill.IsEnded)
                    fill.Record(key, carried);
                return;
            }

            if (fill.RecordsReads && !string.Equals(fill.Loader.Context.LogName, reader.LogName, StringComparison.Ordinal))
                reader.ReadAcrossLogs(fill.Loader.Context.Name);
        }
    }

    /// <summary>A value that nobody confirms, or that is known to be old, goes into what this fill makes, and those around it: none of them is stored.</summary>
    public static void Taint(Fill? fill)
    {
        for (var f = fill; f is not null; f = f.Parent)
            f.IsTainted = true;
    }

    public static void ThrowIfOwnKey(Fill? fill, string key, Loader loader)
    {
        for (var f = fill; f is not null; f = f.Parent)
        {
            if (string.Equals(f.Key, key, StringComparison.Ordinal) && f.Loader == loader)
                throw Errors.OwnKey(Chain(fill!, f, key));
        }
    }

    /// <summary>Notes that a factory waits for a fill. False if that fill already waits for this one.</summary>
    public static bool TryWait(Fill? waiting, Fill target)
    {
        if (waiting is null)
            return true;
        lock (Graph)
        {
            if (Reaches(target, waiting, []))
                return false;
            waiting.WaitsFor.Add(target);
            if (waiting.IsCarried)
                Carry_NeedsLock(target);
            return true;
        }
    }

    /// <summary>Whether one with a place at a gate waits for it, or it has one itself.</summary>
    public static bool IsCarried(Fill fill)
    {
        lock (Graph)
            return fill.IsCarried;
    }

    /// <summary>It has a place: all that it waits for, now or later, need none.</summary>
    public static void Carry(Fill fill)
    {
        lock (Graph)
            Carry_NeedsLock(fill);
    }

    /// <summary>Notes that it waits for a place, so that it is let through when one that has a place begins to wait for it.</summary>
    public static void WaitAtGate(Fill fill, TaskCompletionSource<bool> place)
    {
        lock (Graph)
        {
            fill.AtGate = place;
            if (fill.IsCarried)
                place.TrySetResult(false);
        }
    }

    private static void Carry_NeedsLock(Fill fill)
    {
        if (fill.IsCarried)
            return;
        fill.IsCarried = true;
        fill.AtGate?.TrySetResult(false);
        foreach (var next in fill.WaitsFor)
            Carry_NeedsLock(next);
    }

    public static void EndWait(Fill? waiting, Fill target)
    {
        if (waiting is null)
            return;
        lock (Graph)
            waiting.WaitsFor.Remove(target);
    }

    private static bool Reaches(Fill from, Fill to, HashSet<Fill> visited) =>
        from == to || (visited.Add(from) && from.WaitsFor.Exists(next => Reaches(next, to, visited)));

    private static List<string> Chain(Fill inner, Fill outer, string key)
    {
        var chain = new List<string> { key };
        for (var f = inner; f != outer; f = f.Parent!)
            chain.Add(f.Key);
        chain.Add(key);
        chain.Reverse();
        return chain;
    }
}
