using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Unstale.Predicates;

namespace Unstale.EntityFrameworkCore.Forms;

/// <summary>
/// Canonical form of the values of one column. Coarser than or equal to the equality of the database: values that the database stores as one, or compares as
/// equal, have one form. A value that the database would alter has none.
/// </summary>
internal sealed class ColumnForm
{
    private readonly ValueConverter? _converter;
    private readonly StoredForm _stored;

    private ColumnForm(ValueConverter? converter, StoredForm stored)
    {
        _converter = converter;
        _stored = stored;
    }

    /// <summary>Whether the database orders the values as their forms are ordered.</summary>
    public bool HasOrder => _stored.HasOrder && (_converter is null || IsOfEnum(_converter));

    /// <summary>Whether the database compares values with one form as equal.</summary>
    public bool IsExact => _stored.IsExact;

    /// <summary>Whether the database orders values with one form as equal.</summary>
    public bool IsExactInOrder => _stored.IsExactInOrder;

    /// <summary>Returns the form of a column; null if none is coarser than the equality of the database.</summary>
    /// <param name="mapping">Mapping of the column; null if unknown.</param>
    /// <param name="collation">Collation of the column; null for the default of the database.</param>
    /// <param name="provider">Name of the database provider.</param>
    public static ColumnForm? For(RelationalTypeMapping? mapping, string? collation, string? provider)
    {
        if (mapping is null or { Converter.ConvertsNulls: true })
            return null;
        var type = mapping.Converter?.ProviderClrType ?? mapping.ClrType;
        type = Nullable.GetUnderlyingType(type) ?? type;
        var stored = provider switch
        {
            ProviderNames.Sqlite => SqliteForms.For(type, mapping, collation),
            ProviderNames.Npgsql => NpgsqlForms.For(type, mapping, collation),
            _ => StoredForm.Exact(type),
        };
        return stored is null ? null : new ColumnForm(mapping.Converter, stored);
    }

    /// <summary>Returns whether a database orders nulls as the greatest values, and not as the least ones; null if this is not known.</summary>
    public static bool? AreNullsGreatest(string? provider) => provider switch
    {
        ProviderNames.Sqlite => false,
        ProviderNames.Npgsql => true,
        _ => null,
    };

    /// <summary>Returns the form of a value of the model. Returns false if the value is unknown to the database in this form.</summary>
    public bool TryCreate(object? value, ColumnHash hash, out ColumnValue form)
    {
        if (value is null or DBNull)
        {
            form = ColumnValue.Null;
            return true;
        }

        form = default;
        return ToProvider(value) is { } provided && _stored.Normalize(provided) is { } stored && hash.TryCreate(stored, out form);
    }

    /// <summary>Converts a value of the model. A compiled comparison of enumerations contains integers, so both are accepted.</summary>
    private object? ToProvider(object value)
    {
        if (_converter is null)
            return value;
        try
        {
            var model = Nullable.GetUnderlyingType(_converter.ModelClrType) ?? _converter.ModelClrType;
            return _converter.ConvertToProvider(model.IsEnum && StoredForm.IsInteger(value.GetType()) ? Enum.ToObject(model, value) : value);
        }
        catch (Exception)
        {
            return null; // a converter of the application may throw anything; the value is unknown
        }
    }

    private static bool IsOfEnum(ValueConverter converter) =>
        converter.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(EnumToNumberConverter<,>);
}
