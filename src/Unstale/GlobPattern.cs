using System.Buffers;

namespace Unstale;

/// <summary>
/// A pattern by Redis' rules, the same for memory and Redis: <c>*</c> is any run of characters (also across <c>:</c>), <c>?</c> one
/// character, <c>[abc]</c> one of these, <c>[a-c]</c> one of a range, <c>[^a]</c> none of these, and <c>\</c> takes the next
/// character as it is. Everything else stands for itself: <c>{1,2}</c> is literal, <c>[!a]</c> is <c>!</c> or <c>a</c>. The whole
/// key must match; case counts.
/// </summary>
/// <remarks>
/// A character is a UTF-16 code unit. A class that is not closed ends with the pattern. Matching allocates nothing and takes at
/// most the length of the key times the length of the pattern.
/// </remarks>
public sealed class GlobPattern : KeyPattern
{
    private static readonly SearchValues<char> Special = SearchValues.Create(@"*?[]\");

    private readonly string _tail;
    private readonly bool _anyTail;

    /// <summary>Reads a glob.</summary>
    /// <param name="text">The pattern. Escape what is not yours to interpret: see <see cref="Escape"/>.</param>
    /// <exception cref="ArgumentException">The text is empty, longer than <see cref="KeyPattern.MaximumLength"/>, or holds half of a surrogate pair.</exception>
    public GlobPattern(string text)
        : base(text)
    {
        LiteralPrefix = GlobMatcher.ReadLiteralPrefix(text, out var length);
        _tail = text[length..];
        _anyTail = _tail.Length > 0 && !_tail.AsSpan().ContainsAnyExcept('*');
    }

    /// <summary>The text, not escaped, with which every matching key begins; empty when the pattern begins with a wildcard.</summary>
    public string LiteralPrefix { get; }

    /// <inheritdoc/>
    public override bool IsMatch(ReadOnlySpan<char> key) =>
        key.StartsWith(LiteralPrefix, StringComparison.Ordinal)
        && (_anyTail || GlobMatcher.IsMatch(_tail, key[LiteralPrefix.Length..]));

    /// <summary>Makes a pattern that matches the text itself and nothing else. An id that goes into a pattern goes through here.</summary>
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
    /// The two patterns that match an id as a whole segment of a key: the key that ends with it, and those that go on below it. With
    /// <c>user</c> and <c>123</c> they match <c>user:123</c> and <c>user:123:posts</c>, never <c>user:1234</c>.
    /// </summary>
    /// <param name="prefix">What stands before the id, as it stands in the key (no wildcards), with or without the last <c>:</c>; may be empty.</param>
    /// <param name="id">The id as it stands in the key (no wildcards).</param>
    /// <exception cref="ArgumentException">The id is empty, or the pattern gets too long.</exception>
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
