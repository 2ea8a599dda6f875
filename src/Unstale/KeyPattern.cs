namespace Unstale;

/// <summary>
/// What a set of cache keys looks like: a <see cref="GlobPattern"/> or a <see cref="RegexPattern"/>, never a bare string, so that
/// nobody has to guess which one a text is.
/// </summary>
public abstract class KeyPattern : IEquatable<KeyPattern>
{
    /// <summary>The length that a pattern may have at most, in characters.</summary>
    public const int MaximumLength = 1024;

    private protected KeyPattern(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length is 0 or > MaximumLength)
            throw Errors.PatternLength(text, MaximumLength);
        if (CacheNames.HalfPairIn(text) is var at and >= 0)
            throw Errors.HalfPair("pattern", at);
        Text = text;
    }

    /// <summary>The pattern as it was written.</summary>
    public string Text { get; }

    /// <summary>True if the pattern matches this key. Ordinal and case-sensitive.</summary>
    public abstract bool IsMatch(ReadOnlySpan<char> key);

    /// <summary>True if the pattern matches this key, or if that cannot be found out within the bounds for patterns.</summary>
    internal virtual bool MayMatch(ReadOnlySpan<char> key) => IsMatch(key);

    /// <summary>True if the other pattern is of the same kind and has the same text.</summary>
    public bool Equals(KeyPattern? other) => other?.GetType() == GetType() && string.Equals(Text, other.Text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public sealed override bool Equals(object? obj) => Equals(obj as KeyPattern);

    /// <inheritdoc/>
    public sealed override int GetHashCode() => HashCode.Combine(GetType(), string.GetHashCode(Text, StringComparison.Ordinal));

    /// <inheritdoc/>
    public sealed override string ToString() => Text;
}
