using System.Buffers;
using Unstale.Values;

namespace Unstale;

/// <summary>
/// Pattern with the glob syntax of Redis, the same in memory and in Redis: <c>*</c> matches any run of characters (including <c>:</c>), <c>?</c> one
/// character, <c>[abc]</c> one of the listed characters, <c>[a-c]</c> one character of a range, <c>[^a]</c> one unlisted character, and <c>\</c> escapes
/// the next character. Everything else is literal: <c>{1,2}</c> matches itself, <c>[!a]</c> matches <c>!</c> or <c>a</c>. The whole key must match.
/// Case-sensitive.
/// </summary>
/// <remarks>
/// A character is a UTF-16 code unit. An unclosed class ends with the pattern. Matching allocates nothing. Its time is bounded by the length of the key
/// times the length of the pattern.
/// </remarks>
public sealed class GlobPattern : KeyPattern
{
    private static readonly SearchValues<char> Special = SearchValues.Create(@"*?[]\");

    private readonly string _tail;
    private readonly bool _anyTail;

    /// <summary>Creates a pattern from a glob.</summary>
    /// <param name="text">Glob. Text from other sources must be escaped: see <see cref="Escape"/>.</param>
    /// <exception cref="ArgumentException">
    /// The text is empty, is longer than <see cref="KeyPattern.MaximumLength"/>, or contains an unpaired surrogate.
    /// </exception>
    public GlobPattern(string text)
        : base(text)
    {
        LiteralPrefix = GlobMatcher.ReadLiteralPrefix(text, out var length);
        _tail = text[length..];
        _anyTail = _tail.Length > 0 && !_tail.AsSpan().ContainsAnyExcept('*');
    }

    /// <summary>Unescaped text with which every matching key begins. Empty if the pattern begins with a wildcard.</summary>
    public string LiteralPrefix { get; }

    /// <inheritdoc/>
    public override bool IsMatch(ReadOnlySpan<char> key) =>
        key.StartsWith(LiteralPrefix, StringComparison.Ordinal)
        && (_anyTail || GlobMatcher.IsMatch(_tail, key[LiteralPrefix.Length..]));

    /// <summary>Escapes a text, so that a pattern matches only the text itself. Ids must be escaped before insertion into a pattern.</summary>
    public static string Escape(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.AsSpan().ContainsAny(Special))
            return text;
        var escaped = new System.Text.StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            if (Special.Contains(c))
                escaped.Append('\\');
            escaped.Append(c);
        }

        return escaped.ToString();
    }

    /// <summary>
    /// Returns the two patterns that match an id as a whole segment of a key: one for the key that ends with the id, one for all keys below it. With
    /// <c>user</c> and <c>123</c> the patterns match <c>user:123</c> and <c>user:123:posts</c>, but never <c>user:1234</c>.
    /// </summary>
    /// <param name="prefix">Text before the id, as in the key (wildcards are literal), with or without the trailing <c>:</c>. May be empty.</param>
    /// <param name="id">Id, as in the key (wildcards are literal).</param>
    /// <exception cref="ArgumentException">The id is empty, or a pattern would be too long.</exception>
    public static IReadOnlyList<GlobPattern> ForSegment(string prefix, string id)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentNullException.ThrowIfNull(id);
        if (id.Length == 0)
            throw Errors.SegmentId(id);
        var separator = prefix.Length == 0 || prefix.EndsWith(':') ? "" : ":";
        var exact = $"{Escape(prefix)}{separator}{Escape(id)}";
        return [new GlobPattern(exact), new GlobPattern(exact + ":*")];
    }
}
