using System.Runtime.InteropServices;
using Unstale.Predicates;

namespace Unstale.Horizon;

/// <summary>Predicates of one table whose home is a term of one column.</summary>
internal sealed class ColumnIndex
{
    private readonly HashSet<HeldPredicate> _all = [];
    private readonly Dictionary<ColumnValue, HashSet<HeldPredicate>> _byValue = [];
    private readonly Dictionary<int, IntervalTree> _ranges = [];

    /// <summary>Number of values of each <see cref="ColumnValue.ComparableClass"/> among the sets, null aside.</summary>
    private readonly Dictionary<int, int> _classes = [];

    public void Add(HeldPredicate held)
    {
        var home = held.Predicate.Home!;
        _all.Add(held);
        if (home.IsRange)
        {
            ref var tree = ref CollectionsMarshal.GetValueRefOrAddDefault(_ranges, ClassOf(home), out _);
            (tree ??= new IntervalTree()).Add(held);
        }

        foreach (ref readonly var value in home.Values)
        {
            ref var same = ref CollectionsMarshal.GetValueRefOrAddDefault(_byValue, value, out _);
            (same ??= []).Add(held);
            if (!value.IsNull)
                CollectionsMarshal.GetValueRefOrAddDefault(_classes, value.ComparableClass, out _)++;
        }
    }

    public void Remove(HeldPredicate held)
    {
        var home = held.Predicate.Home!;
        _all.Remove(held);
        if (home.IsRange && _ranges.TryGetValue(ClassOf(home), out var tree))
        {
            tree.Remove(held);
            if (tree.IsEmpty)
                _ranges.Remove(ClassOf(home));
        }

        foreach (ref readonly var value in home.Values)
        {
            if (_byValue.TryGetValue(value, out var same) && same.Remove(held) && same.Count == 0)
                _byValue.Remove(value);
            if (!value.IsNull && --CollectionsMarshal.GetValueRefOrAddDefault(_classes, value.ComparableClass, out _) == 0)
                _classes.Remove(value.ComparableClass);
        }
    }

    /// <summary>Calls a method with each predicate whose home may hold for the column of a row.</summary>
    public void Find(string column, in ColumnValues row, Action<HeldPredicate> found)
    {
        if (row.TryGet(column, out var value))
            Find(value, found);
        else
            FindAll(found);
    }

    /// <summary>Calls a method with each predicate whose home may hold for the column of one of two rows.</summary>
    public void Find(string column, in ColumnValues row, in ColumnValues other, Action<HeldPredicate> found)
    {
        if (!row.TryGet(column, out var one) || !other.TryGet(column, out var two))
        {
            FindAll(found);
            return;
        }

        Find(one, found);
        if (!one.Equals(two))
            Find(two, found);
    }

    public void FindAll(Action<HeldPredicate> found)
    {
        foreach (var held in _all)
            found(held);
    }

    private void Find(in ColumnValue value, Action<HeldPredicate> found)
    {
        if (value.IsNull)
        {
            FindEqual(value, found);
            return;
        }

        if (HasOtherClass(value.ComparableClass))
        {
            FindAll(found);
            return;
        }

        FindEqual(value, found);
        foreach (var (kind, tree) in _ranges)
        {
            if (kind == value.ComparableClass)
                tree.FindAround(value, found);
            else
                tree.FindAll(found); // a value that cannot be compared is unknown
        }
    }

    private void FindEqual(in ColumnValue value, Action<HeldPredicate> found)
    {
        if (!_byValue.TryGetValue(value, out var same))
            return;
        foreach (var held in same)
            found(held);
    }

    /// <summary>Returns whether a set has a value that cannot be compared with values of a class.</summary>
    private bool HasOtherClass(int kind) => _classes.Count > 1 || (_classes.Count == 1 && !_classes.ContainsKey(kind));

    private static int ClassOf(Term range) => (range.From ?? range.To)?.ComparableClass ?? 0;
}
