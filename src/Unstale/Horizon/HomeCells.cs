using System.Runtime.InteropServices;
using Unstale.Predicates;

namespace Unstale.Horizon;

/// <summary>
/// Newest forgotten changes of one table, by the values of one column. A value of the second level that is older than the remembered changes is compared with
/// the rows that its term selects, and not with the whole table. All members require the horizon's lock.
/// </summary>
internal sealed class HomeCells
{
    /// <summary>
    /// Base-2 logarithm of the number of cells. At 100 changes per second, each with an old and a new value, a cell is raised by another value every five
    /// minutes on average.
    /// </summary>
    private const int Bits = 16;

    private readonly string _column;
    private readonly PagedSequences _cells = new(Bits);

    /// <summary>Newest change of each <see cref="ColumnValue.ComparableClass"/>. Values of different classes cannot be compared.</summary>
    private readonly Dictionary<int, long> _newestOfClass = [];

    /// <summary>Newest change of which the value of the column is not known.</summary>
    private long _unknown;

    /// <param name="column">Name of the column.</param>
    /// <param name="sequence">Sequence up to which changes are unknown.</param>
    public HomeCells(string column, long sequence)
    {
        _column = column;
        ResetTo(sequence);
    }

    /// <summary>Returns a sequence that is not below the newest change of a row that satisfied the term before or after; null for a range.</summary>
    public long? NewestOf(Term term)
    {
        if (term.IsRange)
            return null;
        var newest = _unknown;
        foreach (ref readonly var value in term.Values)
            newest = Math.Max(newest, NewestOf(value));
        return newest;
    }

    public void Raise(RowChange change, long sequence)
    {
        switch (change.Operation)
        {
            case RowOperation.Insert:
                Raise(change.New, sequence);
                break;
            case RowOperation.Delete:
                Raise(change.Old, sequence);
                break;
            case RowOperation.Update:
                Raise(change.Old, sequence);
                Raise(change.New, sequence);
                break;
            case RowOperation.BulkDelete:
                Raise(change.Where, sequence);
                break;
            case RowOperation.BulkUpdate:
                Raise(change.Where, sequence);
                if (change.MayHaveChanged(_column))
                    Raise(change.New, sequence);
                break;
            default:
                RaiseUnknown(sequence);
                break;
        }
    }

    public void ResetTo(long sequence)
    {
        _cells.ResetTo(sequence);
        _newestOfClass.Clear();
        _unknown = sequence;
    }

    private static uint Index(in ColumnValue value) => ((uint)value.GetHashCode() * 0x85EBCA6B) >> (32 - Bits);

    private long NewestOf(in ColumnValue value)
    {
        var newest = _cells[Index(value)];
        if (value.IsNull)
            return newest;
        foreach (var (kind, sequence) in _newestOfClass)
        {
            if (kind != value.ComparableClass)
                newest = Math.Max(newest, sequence);
        }

        return newest;
    }

    private void Raise(in ColumnValues row, long sequence)
    {
        if (row.TryGet(_column, out var value))
            Raise(value, sequence);
        else
            RaiseUnknown(sequence);
    }

    /// <summary>Raises the values of the rows that a statement selected.</summary>
    private void Raise(IReadOnlyList<Term> where, long sequence)
    {
        for (var i = 0; i < where.Count; i++)
        {
            if (where[i].IsRange || !string.Equals(where[i].Column, _column, StringComparison.Ordinal))
                continue;
            foreach (ref readonly var value in where[i].Values)
                Raise(value, sequence);
            return;
        }

        RaiseUnknown(sequence);
    }

    private void Raise(in ColumnValue value, long sequence)
    {
        _cells.Raise(Index(value), sequence);
        if (value.IsNull)
            return;
        ref var newest = ref CollectionsMarshal.GetValueRefOrAddDefault(_newestOfClass, value.ComparableClass, out _);
        newest = Math.Max(newest, sequence);
    }

    private void RaiseUnknown(long sequence) => _unknown = Math.Max(_unknown, sequence);
}
