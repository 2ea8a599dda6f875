using Unstale.Predicates;

namespace Unstale.Rules;

/// <summary>Change of a row as reported by a caller.</summary>
internal static class ReportedRow
{
    private static readonly Dictionary<string, object?> Empty = [];

    /// <summary>Returns the change of the row; null for a change without values.</summary>
    public static RowChange? Of(Change change, ColumnHash hash)
    {
        if (change.Before is null && change.After is null)
            return null;
        var (before, after) = (change.Before ?? Empty, change.After ?? Empty);
        return new RowChange(change.Resource, OperationOf(change.Operation))
        {
            Old = change.Operation == ChangeOperation.Create ? ColumnValues.Unknown : ValuesOf(before, hash),
            New = change.Operation == ChangeOperation.Delete ? ColumnValues.Unknown : ValuesOf(after, hash),
            Changed = change.Fields.Count > 0 ? change.Fields : null,
            Unchanged = change is { Operation: ChangeOperation.Update, Fields.Count: 0 } ? UnchangedIn(before, after) : [],
        };
    }

    private static string[] UnchangedIn(IReadOnlyDictionary<string, object?> before, IReadOnlyDictionary<string, object?> after) =>
        [.. before.Keys.Where(column => after.TryGetValue(column, out var value) && IsSame(before[column], value))];

    private static RowOperation OperationOf(ChangeOperation operation) => operation switch
    {
        ChangeOperation.Create => RowOperation.Insert,
        ChangeOperation.Delete => RowOperation.Delete,
        _ => RowOperation.Update,
    };

    private static ColumnValues ValuesOf(IReadOnlyDictionary<string, object?> row, ColumnHash hash)
    {
        var values = new List<KeyValuePair<string, ColumnValue>>(row.Count);
        foreach (var (column, value) in row)
        {
            if (hash.TryCreate(value, out var form))
                values.Add(new(column, form));
        }

        return new([.. values]);
    }

    /// <summary>Returns whether a database stores the same bytes for both values. Equal values may have different bytes: 1.0 and 1.00, or both zeros.</summary>
    private static bool IsSame(object? one, object? other) => (one, other) switch
    {
        (decimal a, decimal b) => decimal.GetBits(a).AsSpan().SequenceEqual(decimal.GetBits(b)),
        (double a, double b) => BitConverter.DoubleToInt64Bits(a) == BitConverter.DoubleToInt64Bits(b),
        (float a, float b) => BitConverter.SingleToInt32Bits(a) == BitConverter.SingleToInt32Bits(b),
        (DateTimeOffset a, DateTimeOffset b) => a.EqualsExact(b),
        (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
        (string a, string b) => string.Equals(a, b, StringComparison.Ordinal),
        (null, null) => true,
        _ => one is ValueType && one.Equals(other),
    };
}
