namespace Unstale.Predicates;

/// <summary>Known values of a row, in any order, each column once. A column without a value is unknown.</summary>
internal readonly struct ColumnValues(KeyValuePair<string, ColumnValue>[] values)
{
    private readonly KeyValuePair<string, ColumnValue>[]? _values = values;

    public static ColumnValues Unknown => default;

    public ReadOnlySpan<KeyValuePair<string, ColumnValue>> Items => _values;

    /// <summary>Finds the value of a column. Returns false if the value is unknown.</summary>
    public bool TryGet(string column, out ColumnValue value)
    {
        foreach (ref readonly var item in Items)
        {
            if (string.Equals(item.Key, column, StringComparison.Ordinal))
            {
                value = item.Value;
                return true;
            }
        }

        value = default;
        return false;
    }
}
