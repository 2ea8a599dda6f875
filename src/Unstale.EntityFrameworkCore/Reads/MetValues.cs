using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore.Query;
using Unstale.Predicates;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>
/// Values that the rows of one execution contain: the keys by which other tables are read, and the order of the last row. Known if the rows were read to their
/// end.
/// </summary>
internal sealed class MetValues
{
    private static readonly ConditionalWeakTable<QueryContext, MetValues> Running = [];

    private readonly HashSet<object>[] _keys;
    private readonly Lock _gate = new();
    private Task? _running;
    private bool _isEnded;
    private object? _last;
    private int _rows;

    private MetValues(int slots)
    {
        _keys = new HashSet<object>[slots];
        for (var i = 0; i < slots; i++)
            _keys[i] = new HashSet<object>(ExactValues.Instance);
    }

    private bool IsEnded => _isEnded || _running is { IsCompletedSuccessfully: true };

    /// <summary>Begins to note the values of an execution.</summary>
    public static MetValues Begin(QueryContext query, int slots)
    {
        var met = new MetValues(slots);
        Running.AddOrUpdate(query, met);
        return met;
    }

    /// <summary>Notes the key of a row. Called by the shapers of plans for each row.</summary>
    public static TShaped ObserveKey<TShaped, TKey>(QueryContext query, int slot, TKey key, TShaped shaped)
    {
        if (key is not null && Running.TryGetValue(query, out var met))
            met.Add(slot, key);
        return shaped;
    }

    /// <summary>Notes a row by the value that orders it. Called by the shapers of plans for each row.</summary>
    public static TShaped ObserveOrder<TShaped, TValue>(QueryContext query, TValue value, TShaped shaped)
    {
        if (Running.TryGetValue(query, out var met))
            met.AddRow(value);
        return shaped;
    }

    /// <summary>Notes that all rows were read.</summary>
    public void End()
    {
        lock (_gate)
            _isEnded = true;
    }

    /// <summary>Notes the task that reads all rows.</summary>
    public void EndWith(Task running)
    {
        lock (_gate)
            _running = running;
    }

    /// <summary>Returns the keys of a slot; null if not all of them are known, or more than the maximum.</summary>
    public object[]? Of(int slot)
    {
        lock (_gate)
        {
            return IsEnded && _keys[slot].Count <= RowPredicate.MostValues ? [.. _keys[slot]] : null;
        }
    }

    /// <summary>Returns the value that orders the last row; null if it is not known, is null, or if the limit was not reached.</summary>
    public object? LastOf(int limit)
    {
        lock (_gate)
        {
            return IsEnded && _rows >= limit ? _last : null;
        }
    }

    private void AddRow(object? value)
    {
        lock (_gate)
        {
            _last = value;
            _rows++;
        }
    }

    private void Add(int slot, object key)
    {
        lock (_gate)
        {
            if (_keys[slot].Count <= RowPredicate.MostValues)
                _keys[slot].Add(key);
        }
    }
}
