using System.Runtime.CompilerServices;
using Unstale.Memory;
using Unstale.Telemetry;
using Unstale.Values;

namespace Unstale.Loading;

/// <summary>
/// Tracks the load to which the running code belongs, and the loads that wait for other loads. A factory that reads its own key, directly or through
/// other loads, receives an exception. A wait that would close a cycle between independent loads is refused.
/// </summary>
internal static class AmbientLoad
{
    private static readonly AsyncLocal<Load?> Ambient = new();
    private static readonly Lock Graph = new();
    private static PaddedInt32 _running;

    /// <summary>Load whose factory is running; null outside a factory, and in code still running after its factory has ended.</summary>
    public static Load? Current => Ambient.Value is { IsEnded: false } load ? load : null;

    public static void Enter(Load load) => Ambient.Value = load;

    /// <summary>Detaches the current flow from the load in which the flow was started. Later reads are not recorded for the load.</summary>
    public static void Leave() => Ambient.Value = null;

    /// <summary>Whether a factory whose reads must be tracked is running. If not, tracking costs a hit a single comparison.</summary>
    public static bool MayRecord
    {
        // No barrier is needed: code inside a factory sees the count as of the call of the factory.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _running.Value != 0;
    }

    /// <summary>Counts a factory about to be called. Returns true if <see cref="EndReads"/> must follow.</summary>
    public static bool BeginReads(Load load)
    {
        if (!load.RecordsReads && !load.Loader.Context.IsPartitioned)
            return false;
        Interlocked.Increment(ref _running.Value); // one counter for the loads of all caches
        return true;
    }

    public static void EndReads() => Interlocked.Decrement(ref _running.Value);

    /// <summary>
    /// Records that a cache is about to return the value of an entry to the running code. Returns false if the value must not be returned, because
    /// the code loads a key of another partition of the log.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool Record(StoreContext reader, Entry entry)
    {
        if (IsOfAnotherPartition(reader))
            return false;
        Record(Current, reader, entry.Key, entry.Tags.Names);
        return true;
    }

    /// <summary>Reports whether the running code belongs to the load of a key in another partition of the reader's log.</summary>
    public static bool IsOfAnotherPartition(StoreContext reader)
    {
        if (!reader.IsPartitioned)
            return false;
        for (var load = Current; load is not null; load = load.Parent)
        {
            var context = load.Loader.Context;
            if ((load.IsOfAllPartitions || context.Horizon != reader.Horizon) && string.Equals(context.LogName, reader.LogName, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    /// <summary>
    /// Records that a cache is about to return the value of a key, with the names carried, to a factory. The nearest load of the same log depends on
    /// the value. Sequences of two logs cannot be compared, so a load of another log cannot detect when the value becomes stale.
    /// </summary>
    /// <param name="load">Load of the factory; null for none.</param>
    /// <param name="reader">Cache that returns the value.</param>
    /// <param name="key">Key of the value; null for names alone.</param>
    /// <param name="carried">Names carried by the value.</param>
    public static void Record(Load? load, StoreContext reader, string? key, ReadOnlySpan<string> carried)
    {
        for (; load is not null; load = load.Parent)
        {
            if (load.Loader.Context.Horizon == reader.Horizon)
            {
                if (!load.IsEnded)
                    load.Record(key, carried);
                return;
            }

            if (load.RecordsReads)
                reader.ReadAcrossLogs(load.Loader.Context.Name);
        }
    }

    /// <summary>Marks a load, and all loads around it, as made from an unconfirmed or outdated value. None of these loads is stored.</summary>
    public static void Taint(Load? load)
    {
        for (var f = load; f is not null; f = f.Parent)
            f.IsTainted = true;
    }

    public static void ThrowIfOwnKey(Load? load, string key, LoadCoordinator loader)
    {
        for (var f = load; f is not null; f = f.Parent)
        {
            if (string.Equals(f.Key, key, StringComparison.Ordinal) && f.Loader == loader)
                throw Errors.OwnKey(Chain(load!, f, key));
        }
    }

    /// <summary>Registers that a factory waits for a load. Returns false if this load already waits for the factory.</summary>
    public static bool TryWait(Load? waiting, Load target)
    {
        if (waiting is null)
            return true;
        lock (Graph)
        {
            if (Reaches(target, waiting, []))
                return false;
            waiting.WaitsFor.Add(target);
            Carry_NeedsLock(target, waiting.Carried);
            return true;
        }
    }

    /// <summary>Reports whether a load has a slot of a rank or a higher one, or is awaited by a load with such a slot.</summary>
    public static bool IsCarried(Load load, SlotRank rank)
    {
        lock (Graph)
            return load.Carried >= rank;
    }

    /// <summary>Marks a load as having a slot. The loads awaited by this load, now or later, need no slot of this rank or a lower one.</summary>
    public static void Carry(Load load, SlotRank rank)
    {
        lock (Graph)
            Carry_NeedsLock(load, rank);
    }

    /// <summary>Registers a load that waits for a slot. As soon as a load with such a slot waits for this one, the load continues without a slot.</summary>
    public static void WaitAtGate(Load load, TaskCompletionSource<bool> place, SlotRank rank)
    {
        lock (Graph)
        {
            (load.AtGate, load.AtRank) = (place, rank);
            if (load.Carried >= rank)
                place.TrySetResult(false);
        }
    }

    private static void Carry_NeedsLock(Load load, SlotRank rank)
    {
        if (load.Carried >= rank)
            return;
        load.Carried = rank;
        if (rank >= load.AtRank)
            load.AtGate?.TrySetResult(false);
        foreach (var next in load.WaitsFor)
            Carry_NeedsLock(next, rank);
    }

    public static void EndWait(Load? waiting, Load target)
    {
        if (waiting is null)
            return;
        lock (Graph)
            waiting.WaitsFor.Remove(target);
    }

    private static bool Reaches(Load from, Load to, HashSet<Load> visited) =>
        from == to || (visited.Add(from) && from.WaitsFor.Exists(next => Reaches(next, to, visited)));

    private static List<string> Chain(Load inner, Load outer, string key)
    {
        var chain = new List<string> { key };
        for (var f = inner; f != outer; f = f.Parent!)
            chain.Add(f.Key);
        chain.Add(key);
        chain.Reverse();
        return chain;
    }
}
