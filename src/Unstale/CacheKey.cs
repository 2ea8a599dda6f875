using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Unstale;

/// <summary>
/// Makes keys of a namespace and parts, written <c>namespace:part:part</c>. Separators inside a part are escaped (<c>:</c> as
/// <c>%3A</c>, <c>%</c> as <c>%25</c>), so no two lists of parts give the same key, whatever a caller puts into them.
/// </summary>
public static class CacheKey
{
    private const int HashBytes = 16;

    /// <summary>The key of a namespace and its parts, which may be empty but not null.</summary>
    /// <param name="ns">The namespace, which is also the data type of the entry: not empty, without <c>:</c> and <c>%</c>.</param>
    /// <param name="parts">What tells the entry from others of its namespace.</param>
    /// <exception cref="ArgumentException">The namespace is empty or holds a separator, or a part is null.</exception>
    public static string Of(string ns, params ReadOnlySpan<string> parts)
    {
        CheckNamespace(ns);
        var key = new System.Text.StringBuilder(ns);
        foreach (var part in parts)
        {
            ArgumentNullException.ThrowIfNull(part, nameof(parts));
            var start = key.Append(':').Length;
            key.Append(part);
            if (part.AsSpan().ContainsAny(':', '%'))
                key.Replace("%", "%25", start, part.Length).Replace(":", "%3A", start, key.Length - start);
        }

        return key.ToString();
    }

    /// <summary>The key of a namespace and a number.</summary>
    /// <inheritdoc cref="Of(string, ReadOnlySpan{string})"/>
    public static string Of(string ns, long part)
    {
        CheckNamespace(ns);
        return string.Create(CultureInfo.InvariantCulture, $"{ns}:{part}");
    }

    /// <summary>The key of a namespace and a GUID, in lower case with hyphens.</summary>
    /// <inheritdoc cref="Of(string, ReadOnlySpan{string})"/>
    public static string Of(string ns, Guid part)
    {
        CheckNamespace(ns);
        return $"{ns}:{part:D}";
    }

    /// <summary>
    /// The text that placeholders of rules and interpolated globs make of a value, for tags and parts of keys that have to agree with them. It is
    /// the same in every culture and process: dates and times in the round-trip format <c>O</c>, numbers in invariant culture with all their
    /// digits, enums by name, GUIDs with hyphens, bytes in hexadecimal digits, <c>True</c> and <c>False</c>.
    /// </summary>
    /// <param name="value">The value.</param>
    /// <exception cref="ArgumentException">
    /// No text distinguishes the value from others of its type: it is a collection, a record or another type that does not write its text itself.
    /// </exception>
    public static string TextOf<T>(T value)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(value);
        return NameText.Of(value) ?? throw Errors.NoTextOf(value.GetType(), nameof(value));
    }

    /// <summary>
    /// A key of fixed length for parts that are long or secret: the namespace and 32 hexadecimal digits, the first half of the
    /// SHA-256 of what <see cref="Of(string, ReadOnlySpan{string})"/> gives. Patterns and people cannot read the parts from it.
    /// </summary>
    /// <inheritdoc cref="Of(string, ReadOnlySpan{string})"/>
    public static string Hashed(string ns, params ReadOnlySpan<string> parts)
    {
        // The chars as they are: an encoding to UTF-8 would make all unpaired surrogates equal.
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(Of(ns, parts).AsSpan()), hash);
        return $"{ns}:{Convert.ToHexStringLower(hash[..HashBytes])}";
    }

    private static void CheckNamespace(string ns)
    {
        ArgumentNullException.ThrowIfNull(ns);
        if (ns.Length == 0 || ns.AsSpan().ContainsAny(':', '%'))
            throw Errors.KeyNamespace(ns);
    }
}
