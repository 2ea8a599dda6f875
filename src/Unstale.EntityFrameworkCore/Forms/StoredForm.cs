namespace Unstale.EntityFrameworkCore.Forms;

/// <summary>Form of the values of one type as a database stores and compares them.</summary>
/// <param name="Normalize">Returns a value that is equal for all values that the database compares as equal; null for a value that the database would alter.</param>
/// <param name="HasOrder">Whether the database orders the values as .NET orders the normalized ones.</param>
internal sealed record StoredForm(Func<object, object?> Normalize, bool HasOrder)
{
    /// <summary>Whether the database compares values with one form as equal. Otherwise it can compare them as different.</summary>
    public bool IsExact { get; init; } = true;

    /// <summary>Whether the database also orders values with one form as equal.</summary>
    public bool IsExactInOrder { get; init; } = true;

    private const long MostExactReal = 1L << 53;

    public static StoredForm Unchanged { get; } = new(static value => value, HasOrder: true);

    public static StoredForm Unordered { get; } = new(static value => value, HasOrder: false);

    /// <summary>Form of values that the database stores as texts: of one value, several texts can exist.</summary>
    public static StoredForm UnorderedText { get; } = new(static value => value, HasOrder: false) { IsExact = false };

    /// <summary>Form of integers and Booleans that the database stores as floating-point numbers.</summary>
    public static StoredForm IntegerAsReal { get; } = new(static value => value is bool || Math.Abs(ToDecimal(value)) <= MostExactReal ? value : null, HasOrder: true);

    /// <summary>Returns the form of the types that every database compares exactly; null for another type.</summary>
    public static StoredForm? Exact(Type type) => IsInteger(type) || type == typeof(bool) ? Unchanged : type == typeof(Guid) ? Unordered : null;

    public static bool IsInteger(Type type) =>
        Type.GetTypeCode(type) is >= TypeCode.SByte and <= TypeCode.UInt64 && !type.IsEnum;

    /// <summary>Returns a date and time without its kind. A database stores the clock of the value alone.</summary>
    public static DateTime Clock(DateTime value) => DateTime.SpecifyKind(value, DateTimeKind.Unspecified);

    /// <summary>Returns the number of digits of a number after the point, without trailing zeros.</summary>
    public static int ScaleOf(decimal value) => (value / 1.0000000000000000000000000000m).Scale;

    private static decimal ToDecimal(object value) => Convert.ToDecimal(value, System.Globalization.CultureInfo.InvariantCulture);
}
