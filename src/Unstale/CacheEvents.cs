using Unstale.Log;
using Unstale.Telemetry;

namespace Unstale;

/// <summary>
/// Events of one cache, for the statistics, tests and reactions of an application. Handlers run in the background, one after another and in the order
/// of the events, so that no read waits for a handler. An exception of a handler is logged (event 89) and affects no other handler.
/// </summary>
/// <remarks>
/// An event without a handler costs nothing. At most 10,000 events wait for the handlers; further ones are counted in <see cref="Dropped"/> and not
/// delivered. For totals prefer <see cref="UnstaleCache.GetStatistics"/>, which are complete. To invalidate another cache use a sink, which loses nothing.
/// </remarks>
public sealed class CacheEvents
{
    private readonly CacheEventQueue _queue;

    internal CacheEvents(CacheEventQueue queue) => _queue = queue;

    /// <summary>A read received a value that memory holds: a hit, or a value served stale or untrusted.</summary>
    public event EventHandler<CacheReadEventArgs>? Hit
    {
        add => _queue.Add(CacheEventKind.Hit, value);
        remove => _queue.Remove(CacheEventKind.Hit, value);
    }

    /// <summary>A read found no value in memory that it may receive.</summary>
    public event EventHandler<CacheReadEventArgs>? Missed
    {
        add => _queue.Add(CacheEventKind.Missed, value);
        remove => _queue.Remove(CacheEventKind.Missed, value);
    }

    /// <summary>A factory returned a value, whether the value was then stored or not.</summary>
    public event EventHandler<CacheReadEventArgs>? Loaded
    {
        add => _queue.Add(CacheEventKind.Loaded, value);
        remove => _queue.Remove(CacheEventKind.Loaded, value);
    }

    /// <summary>A factory threw, or its load was cancelled or exceeded its limit.</summary>
    public event EventHandler<CacheReadEventArgs>? LoadFailed
    {
        add => _queue.Add(CacheEventKind.LoadFailed, value);
        remove => _queue.Remove(CacheEventKind.LoadFailed, value);
    }

    /// <summary>A read received an expired value, because the load failed or was slow (<see cref="UnstaleEntryOptions.FailSafeFor"/>).</summary>
    public event EventHandler<CacheReadEventArgs>? FailSafeUsed
    {
        add => _queue.Add(CacheEventKind.FailSafeUsed, value);
        remove => _queue.Remove(CacheEventKind.FailSafeUsed, value);
    }

    /// <summary>An entry was removed from memory, except in favour of a newer value or by the disposal of the cache.</summary>
    public event EventHandler<CacheRemovalEventArgs>? Removed
    {
        add => _queue.Add(CacheEventKind.Removed, value);
        remove => _queue.Remove(CacheEventKind.Removed, value);
    }

    /// <summary>This node applied a record of the log, whether raised by this node or another. Not raised per entry.</summary>
    public event EventHandler<CacheInvalidationEventArgs>? Invalidated
    {
        add => _queue.Add(CacheEventKind.Invalidated, value);
        remove => _queue.Remove(CacheEventKind.Invalidated, value);
    }

    /// <summary>Number of events that were not delivered, because 10,000 were waiting for the handlers.</summary>
    public long Dropped => _queue.Dropped;
}

/// <summary>Event of one read or load.</summary>
public sealed class CacheReadEventArgs : EventArgs
{
    internal CacheReadEventArgs(string key, CacheOutcome outcome) => (Key, Outcome) = (key, outcome);

    /// <summary>Key of the read. Empty for the load of a key that cannot be cached.</summary>
    public string Key { get; }

    /// <summary>Source of the value; <see cref="CacheOutcome.None"/> for a miss and for a failed load.</summary>
    public CacheOutcome Outcome { get; }

    /// <summary>Duration of the factory; zero for events without a load.</summary>
    public TimeSpan Duration { get; internal init; }

    /// <summary>Exception of a failed load; otherwise null.</summary>
    public Exception? Exception { get; internal init; }
}

/// <summary>Event of an entry that was removed from memory.</summary>
public sealed class CacheRemovalEventArgs : EventArgs
{
    internal CacheRemovalEventArgs(string key, IReadOnlyList<string> tags, RemovalCause cause) => (Key, Tags, Cause) = (key, tags, cause);

    /// <summary>Key of the entry.</summary>
    public string Key { get; }

    /// <summary>Tags of the entry.</summary>
    public IReadOnlyList<string> Tags { get; }

    /// <summary>Cause of the removal.</summary>
    public RemovalCause Cause { get; }
}

/// <summary>Event of a record that this node applied.</summary>
public sealed class CacheInvalidationEventArgs : EventArgs
{
    internal CacheInvalidationEventArgs(LogPosition position, InvalidationRecord? record) => (Position, Record) = (position, record);

    /// <summary>Position of the record.</summary>
    public LogPosition Position { get; }

    /// <summary>Record with its targets; null if the node missed records and therefore removed every value.</summary>
    public InvalidationRecord? Record { get; }
}
