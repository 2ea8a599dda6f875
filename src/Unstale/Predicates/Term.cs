namespace Unstale.Predicates;

/// <summary>Condition on one column: the value is one of several, null included, or lies between two bounds, null excluded.</summary>
internal sealed class Term
{
    private readonly ColumnValue[]? _values;

    private Term(string column, ColumnValue[]? values, ColumnValue? from, ColumnValue? to)
    {
        Column = column;
        _values = values;
        From = from;
        To = to;
    }

    public string Column { get; }

    /// <summary>Values of a set, each once and in the order of their texts; empty for a range.</summary>
    public ReadOnlySpan<ColumnValue> Values => _values;

    public bool IsRange => _values is null;

    /// <summary>Lowest value of a range; null for none.</summary>
    public ColumnValue? From { get; }

    /// <summary>Highest value of a range; null for none.</summary>
    public ColumnValue? To { get; }

    /// <summary>Creates the condition that a column has one of the values.</summary>
    public static Term In(string column, IEnumerable<ColumnValue> values) =>
        new(column, [.. values.Distinct().OrderBy(static value => value.ToString(), StringComparer.Ordinal)], from: null, to: null);

    /// <summary>Creates the condition that a column has a value.</summary>
    public static Term Of(string column, in ColumnValue value) => new(column, [value], from: null, to: null);

    /// <summary>Creates the condition that a column lies between two bounds, both included. Bounds that the store excludes are included here.</summary>
    public static Term Between(string column, ColumnValue? from, ColumnValue? to) => new(column, values: null, from, to);

    /// <summary>Judges a row.</summary>
    public Truth Holds(in ColumnValues row) => row.TryGet(Column, out var value) ? Holds(value) : Truth.Unknown;

    /// <summary>Returns whether no value satisfies both terms.</summary>
    public bool IsDisjointFrom(Term other)
    {
        if (!string.Equals(Column, other.Column, StringComparison.Ordinal))
            return false;
        if (IsRange && other.IsRange)
            return IsBelow(To, other.From) || IsBelow(other.To, From);
        var (set, term) = IsRange ? (other, this) : (this, other);
        foreach (ref readonly var value in set.Values)
        {
            if (term.Holds(value) != Truth.False)
                return false;
        }

        return true;
    }

    public Truth Holds(in ColumnValue value)
    {
        if (IsRange)
            return HoldsRange(value);
        var result = Truth.False;
        foreach (ref readonly var one in Values)
        {
            if (one.Equals(value))
                return Truth.True;
            if (!one.IsComparable(value))
                result = Truth.Unknown;
        }

        return result;
    }

    private Truth HoldsRange(in ColumnValue value)
    {
        if (value.IsNull)
            return Truth.False;
        if ((From is { } from && !from.IsComparable(value)) || (To is { } to && !to.IsComparable(value)))
            return Truth.Unknown;
        return (From is { } low && ColumnValue.Compare(value, low) < 0) || (To is { } high && ColumnValue.Compare(value, high) > 0) ? Truth.False : Truth.True;
    }

    private static bool IsBelow(ColumnValue? one, ColumnValue? other) => one is { } a && other is { } b && a.IsComparable(b) && ColumnValue.Compare(a, b) < 0;
}
