using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore.Query;
using Unstale.Predicates;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Keys that the rows of one execution contain, for the tables that are read by them. Known if the rows were read to their end.</summary>
internal sealed class MetKeys
{
    private static readonly ConditionalWeakTable<QueryContext, MetKeys> Running = [];

    private readonly HashSet<object>[] _keys;
    private readonly Lock _gate = new();
    private Task? _running;
    private bool _isEnded;

    private MetKeys(int slots)
    {
        _keys = new HashSet<object>[slots];
        for (var i = 0; i < slots; i++)
            _keys[i] = new HashSet<object>(ExactValues.Instance);
    }

    /// <summary>Begins to note the keys of an execution.</summary>
    public static MetKeys Begin(QueryContext query, int slots)
    {
        var met = new MetKeys(slots);
        Running.AddOrUpdate(query, met);
        return met;
    }

    /// <summary>Notes the key of a row. Called by the shapers of plans for each row.</summary>
    public static TShaped Observe<TShaped, TKey>(QueryContext query, int slot, TKey key, TShaped shaped)
    {
        if (key is not null && Running.TryGetValue(query, out var met))
            met.Add(slot, key);
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
            var isKnown = (_isEnded || _running is { IsCompletedSuccessfully: true }) && _keys[slot].Count <= RowPredicate.MostValues;
            return isKnown ? [.. _keys[slot]] : null;
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
