using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Unstale.Values;

namespace Unstale;

/// <summary>
/// Creates cache keys in the form <c>namespace:part:part</c>. Separators inside a part are escaped (<c>:</c> as <c>%3A</c>, <c>%</c> as <c>%25</c>), so
/// different lists of parts never produce the same key.
/// </summary>
public static class CacheKey
{
    private const int HashBytes = 16;

    /// <summary>Returns the key for a namespace and parts. Parts may be empty but not null.</summary>
    /// <param name="ns">Namespace, which is also the data type of the entry. Must not be empty or contain <c>:</c> or <c>%</c>.</param>
    /// <param name="parts">Parts that distinguish the entry from others in the namespace.</param>
    /// <exception cref="ArgumentException">The namespace is empty or contains a separator, or a part is null.</exception>
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

    /// <summary>Returns the key for a namespace and a number.</summary>
    /// <inheritdoc cref="Of(string, ReadOnlySpan{string})"/>
    public static string Of(string ns, long part)
    {
        CheckNamespace(ns);
        return string.Create(CultureInfo.InvariantCulture, $"{ns}:{part}");
    }

    /// <summary>Returns the key for a namespace and a GUID, formatted in lower case with hyphens.</summary>
    /// <inheritdoc cref="Of(string, ReadOnlySpan{string})"/>
    public static string Of(string ns, Guid part)
    {
        CheckNamespace(ns);
        return $"{ns}:{part:D}";
    }

    /// <summary>
    /// Returns the text of a value as produced by placeholders of rules and interpolated globs, for tags and key parts that must match. The text is the
    /// same in every culture and process: dates and times in the round-trip format <c>O</c>, numbers in the invariant culture with all digits, enums by
    /// name, GUIDs with hyphens, bytes as hexadecimal digits, <c>True</c> and <c>False</c>.
    /// </summary>
    /// <param name="value">Value to format.</param>
    /// <exception cref="ArgumentException">
    /// No text distinguishes the value from others of its type: the type is a collection, a record, or another type that does not format itself.
    /// </exception>
    public static string TextOf<T>(T value)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(value);
        return NameText.Format(value) ?? throw Errors.NoTextOf(value.GetType(), nameof(value));
    }

    /// <summary>
    /// Returns a key of fixed length for long or secret parts: the namespace and 32 hexadecimal digits, the first half of the SHA-256 hash of the key from
    /// <see cref="Of(string, ReadOnlySpan{string})"/>. Neither patterns nor people can read the parts from the key.
    /// </summary>
    /// <inheritdoc cref="Of(string, ReadOnlySpan{string})"/>
    public static string Hashed(string ns, params ReadOnlySpan<string> parts)
    {
        // Hashes the UTF-16 chars directly: UTF-8 encoding would make all unpaired surrogates equal.
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
