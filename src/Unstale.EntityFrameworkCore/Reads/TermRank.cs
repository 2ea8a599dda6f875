using Microsoft.EntityFrameworkCore.Metadata;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Order of terms by the number of rows that they select, as far as the model shows it.</summary>
internal static class TermRank
{
    private const int Other = 3;

    public static int Of(ITable table, string column, TermKind kind)
    {
        if (kind is not TermKind.Values)
            return Other + 1;
        if (table.PrimaryKey is { Columns: [var key] } && Is(key, column))
            return 0;
        if (table.UniqueConstraints.Any(one => one.Columns is [var only] && Is(only, column)) || table.Indexes.Any(one => one is { IsUnique: true, Columns: [var only] } && Is(only, column)))
            return 1;
        return table.ForeignKeyConstraints.Any(key => key.Columns.Any(one => Is(one, column))) ? 2 : Other;
    }

    private static bool Is(IColumn one, string column) => string.Equals(one.Name, column, StringComparison.Ordinal);
}
