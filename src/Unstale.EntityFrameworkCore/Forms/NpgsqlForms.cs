using System.Globalization;
using Microsoft.EntityFrameworkCore.Storage;

namespace Unstale.EntityFrameworkCore.Forms;

/// <summary>Forms of PostgreSQL, which rounds to the declared scale or precision, pads <c>char(n)</c>, and stores times in microseconds.</summary>
internal static class NpgsqlForms
{
    private const int MostDecimals = 6;
    private static readonly bool HasLegacyTimestamps = AppContext.TryGetSwitch("Npgsql.EnableLegacyTimestampBehavior", out var isOn) && isOn;

    public static StoredForm? For(Type type, RelationalTypeMapping mapping, string? collation) => mapping.StoreTypeNameBase.ToLowerInvariant() switch
    {
        _ when type.IsEnum => StoredForm.Unordered, // the order of an enumeration of the database is the order of its declaration
        "boolean" or "bool" => type == typeof(bool) ? StoredForm.Unchanged : null,
        "smallint" or "integer" or "bigint" or "int2" or "int4" or "int8" => StoredForm.IsInteger(type) ? StoredForm.Unchanged : null,
        "xid" or "xid8" or "oid" => StoredForm.IsInteger(type) ? StoredForm.Unordered : null,
        "numeric" or "decimal" => type == typeof(decimal) ? Numeric(mapping) : null,
        "double precision" or "float8" => type == typeof(double) ? StoredForm.Unchanged : null,
        "real" or "float4" => type == typeof(float) ? StoredForm.Unchanged : null,
        "text" or "character varying" or "varchar" => IsDeterministic(collation) ? Text(type, mapping.Size, isPadded: false) : null,
        "character" or "bpchar" or "char" => IsDeterministic(collation) ? Text(type, mapping.Size, isPadded: true) : null,
        "uuid" => type == typeof(Guid) ? StoredForm.Unordered : null,
        "bytea" => type == typeof(byte[]) ? StoredForm.Unordered : null,
        "timestamp with time zone" or "timestamp without time zone" or "timestamptz" or "timestamp" => HasLegacyTimestamps ? null : Moment(type, mapping),
        "date" => HasLegacyTimestamps && type != typeof(DateOnly) ? null : Date(type),
        "time without time zone" or "time" or "interval" => Moment(type, mapping),
        _ => null,
    };

    /// <summary>Returns whether a collation compares bytes. Those that PostgreSQL brings along do.</summary>
    private static bool IsDeterministic(string? collation) =>
        collation is null or "default" or "C" or "POSIX" or "C.UTF-8" or "ucs_basic" or "unicode" || collation.EndsWith("-x-icu", StringComparison.Ordinal);

    private static StoredForm? Numeric(RelationalTypeMapping mapping)
    {
        var (hasScale, scale) = ScaleOf(mapping);
        if (!hasScale)
            return StoredForm.Unchanged;
        return scale < 0 ? null : new(value => value is decimal number && StoredForm.ScaleOf(number) <= scale ? number : null, HasOrder: true);
    }

    /// <summary>Reads the scale. A type with a precision alone has the scale 0.</summary>
    private static (bool HasScale, int Scale) ScaleOf(RelationalTypeMapping mapping)
    {
        if (mapping.Scale is { } scale)
            return (true, scale);
        var start = mapping.StoreType.IndexOf('(', StringComparison.Ordinal);
        if (start < 0)
            return (mapping.Precision is not null, 0);
        var parts = mapping.StoreType[(start + 1)..].TrimEnd(')').Split(',');
        if (parts.Length == 1)
            return (true, 0);
        return (true, int.TryParse(parts[1], NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var read) ? read : -1);
    }

    /// <summary>Returns the form of texts. A text longer than its column is unknown: PostgreSQL may remove spaces at its end.</summary>
    private static StoredForm? Text(Type type, int? size, bool isPadded) => type != typeof(string) && type != typeof(char)
        ? null
        : new(value => value.ToString() is { } text && (size is null || text.Length <= size) ? isPadded ? text.TrimEnd(' ') : text : null, HasOrder: false);

    private static StoredForm? Moment(Type type, RelationalTypeMapping mapping)
    {
        if (type != typeof(DateTime) && type != typeof(DateTimeOffset) && type != typeof(TimeOnly) && type != typeof(TimeSpan))
            return null;
        var decimals = Math.Min(mapping.Precision ?? MostDecimals, MostDecimals);
        var unit = (long)Math.Pow(10, MostDecimals + 1 - decimals);
        return new(value => value switch
        {
            DateTime time when time == DateTime.MaxValue || time.Ticks % unit == 0 => StoredForm.Clock(time), // the highest value is stored as infinity
            DateTimeOffset time when time == DateTimeOffset.MaxValue || time.Ticks % unit == 0 => time,
            TimeOnly time when time.Ticks % unit == 0 => time,
            TimeSpan time when time.Ticks % unit == 0 => time,
            _ => null,
        }, HasOrder: true);
    }

    private static StoredForm? Date(Type type)
    {
        if (type == typeof(DateOnly))
            return StoredForm.Unchanged;
        return type != typeof(DateTime) ? null : new(static value => value is DateTime { TimeOfDay.Ticks: 0 } day ? StoredForm.Clock(day) : null, HasOrder: true);
    }
}
