namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Column of a table in a plan.</summary>
/// <param name="Source">Occurrence of the table.</param>
/// <param name="Name">Name of the column.</param>
/// <param name="IsNullable">Whether an outer join on the way can replace the value with null.</param>
internal readonly record struct TableColumn(Source Source, string Name, bool IsNullable);
