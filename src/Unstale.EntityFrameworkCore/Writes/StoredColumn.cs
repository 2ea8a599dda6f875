using System.Data.Common;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Unstale.EntityFrameworkCore.Forms;
using Unstale.Predicates;

namespace Unstale.EntityFrameworkCore.Writes;

/// <summary>Column whose value in the database has a form.</summary>
internal sealed class StoredColumn
{
    private readonly ColumnReader _reader;
    private readonly ValueConverter? _converter;
    private readonly ColumnForm _form;

    private StoredColumn(string name, ColumnReader reader, ValueConverter? converter, ColumnForm form) =>
        (Name, _reader, _converter, _form) = (name, reader, converter, form);

    public string Name { get; }

    /// <summary>Returns a column; null if its values have no form.</summary>
    public static StoredColumn? Of(IColumnMapping mapping, ColumnForm? form) =>
        form is not null && ColumnReader.For(mapping.TypeMapping) is { } reader ? new StoredColumn(mapping.Column.Name, reader, mapping.TypeMapping.Converter, form) : null;

    public bool TryRead(DbDataReader reader, int ordinal, ColumnHash hash, out ColumnValue value)
    {
        if (reader.IsDBNull(ordinal))
            return _form.TryCreate(value: null, hash, out value);
        value = default;
        var provided = _reader.Read(reader, ordinal);
        return Convert(provided) is { } model && _form.TryCreate(model, hash, out value);
    }

    private object? Convert(object provided)
    {
        try
        {
            return _converter is null ? provided : _converter.ConvertFromProvider(provided);
        }
        catch (Exception)
        {
            return null; // a converter of the application may throw anything; the value is unknown
        }
    }
}
