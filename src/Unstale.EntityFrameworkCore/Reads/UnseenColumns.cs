using Microsoft.EntityFrameworkCore.Metadata;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Columns of a table that the database changes with each update: computed columns, and values generated on update.</summary>
internal static class UnseenColumns
{
    public static IEnumerable<string> Of(ITable table) => table.Columns.Where(IsUnseen).Select(static column => column.Name);

    private static bool IsUnseen(IColumn column) =>
        column.ComputedColumnSql is not null
        || column.IsRowVersion
        || column.PropertyMappings.Any(static mapping => mapping.Property.ValueGenerated is ValueGenerated.OnUpdate or ValueGenerated.OnAddOrUpdate or ValueGenerated.OnUpdateSometimes);
}
