using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Unstale.Values;

/// <summary>Formats values for use in names, independently of the culture. Different values have different texts.</summary>
internal static class NameText
{
    /// <summary>Returns the text of a value; null if no text distinguishes the value from others of its type.</summary>
    public static string? Format(object value) => value switch
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

    /// <summary>Removes the sign of minus zero, which equals zero.</summary>
    private static string Positive(string number) => number is "-0" ? "0" : number;

    /// <summary>
    /// Returns the text of a type that formats itself; null for others. The text of <see cref="object"/> is the same for all values. The
    /// compiler-generated text of records depends on the culture, and contains only the type of a list. Without reflection, the two cannot be told apart.
    /// </summary>
    private static string? OwnTextOf(object value) => WholeReflection.IsAvailable ? ReflectedTextOf(value) : null;

    [RequiresUnreferencedCode("The method that writes the text may be trimmed.")]
    private static string? ReflectedTextOf(object value)
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
