using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Unstale;

/// <summary>Writes values that stand in names: in no culture, and so that two values that differ have two texts.</summary>
internal static class NameText
{
    /// <summary>The text of a value; null where none distinguishes it from others of its type.</summary>
    public static string? Of(object value) => value switch
    {
        string text => text,
        char c => c.ToString(),
        bool flag => flag ? bool.TrueString : bool.FalseString,
        Enum name => name.ToString(),
        byte[] bytes => Convert.ToHexStringLower(bytes),
        ReadOnlyMemory<byte> bytes => Convert.ToHexStringLower(bytes.Span),
        Memory<byte> bytes => Convert.ToHexStringLower(bytes.Span),
        DateTime or DateTimeOffset or DateOnly or TimeOnly => ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture),
        double or float or Half => Positive(((IFormattable)value).ToString("R", CultureInfo.InvariantCulture)),
        Complex or ITuple => null,
        Uri uri => uri.OriginalString,
        CultureInfo culture => culture.Name,
        Version version => version.ToString(),
        IEnumerable => null,
        IFormattable formattable => formattable.ToString(format: null, CultureInfo.InvariantCulture),
        _ => OwnTextOf(value),
    };

    /// <summary>Minus zero equals zero.</summary>
    private static string Positive(string number) => number is "-0" ? "0" : number;

    /// <summary>
    /// The text of a type that writes it itself. That of <see cref="object"/> is the same for all values, and the one that the compiler adds to
    /// records follows the culture and shows of a list its type alone.
    /// </summary>
    private static string? OwnTextOf(object value)
    {
        var method = value.GetType().GetMethod(nameof(ToString), Type.EmptyTypes);
        if (method?.DeclaringType is not { } type || !IsWrittenFor(type) || IsOfCompiler(type) || IsOfCompiler(method))
            return null;
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
            return value.ToString();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static bool IsWrittenFor(Type type) =>
        type != typeof(object) && type != typeof(ValueType) && !(type.IsGenericType && type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>));

    private static bool IsOfCompiler(MemberInfo member) => member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);
}
