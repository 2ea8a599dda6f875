namespace Unstale.EntityFrameworkCore.Forms;

/// <summary>Names of tables in predicates and changes.</summary>
internal static class TableNames
{
    public static string Of(string? schema, string name) => schema is null ? name : $"{schema}.{name}";
}
