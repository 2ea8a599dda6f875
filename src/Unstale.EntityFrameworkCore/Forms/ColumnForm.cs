using Microsoft.EntityFrameworkCore.Storage;
using Unstale.Predicates;

namespace Unstale.EntityFrameworkCore.Forms;

/// <summary>
/// Canonical form of the values of one column. Coarser than or equal to the equality of the database: values that the database stores as one, or compares as
/// equal, have one form. A value that the database would alter has none.
/// </summary>
/// <param name="mapping">Mapping of the column.</param>
internal sealed class ColumnForm(RelationalTypeMapping mapping)
{
    /// <summary>Whether the database orders the values as their forms are ordered.</summary>
    public bool HasOrder => mapping.Converter is null && mapping.ClrType != typeof(string);

    /// <summary>Returns the form of a column; null if none is coarser than the equality of the database.</summary>
    /// <param name="mapping">Mapping of the column; null if unknown.</param>
    /// <param name="collation">Collation of the column; null for the default of the database.</param>
    /// <param name="provider">Name of the database provider.</param>
    public static ColumnForm? For(RelationalTypeMapping? mapping, string? collation, string? provider) =>
        mapping is null || (collation is not null && provider is not null) ? null : new ColumnForm(mapping);

    /// <summary>Returns the form of a value of the model. Returns false if the value is unknown to the database in this form.</summary>
    public bool TryCreate(object? value, ColumnHash hash, out ColumnValue form) => hash.TryCreate(mapping.Converter?.ConvertToProvider(value) ?? value, out form);
}
