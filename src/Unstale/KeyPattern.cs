using Unstale.Values;

namespace Unstale;

/// <summary>
/// Pattern over cache keys: a <see cref="GlobPattern"/> or a <see cref="RegexPattern"/>. A bare string is not accepted, because its kind would be
/// ambiguous.
/// </summary>
public abstract class KeyPattern : IEquatable<KeyPattern>
{
    /// <summary>Maximum length of a pattern, in characters.</summary>
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

    /// <summary>Text of the pattern, as passed to the constructor.</summary>
    public string Text { get; }

    /// <summary>Returns true if the pattern matches the key. Ordinal and case-sensitive.</summary>
    public abstract bool IsMatch(ReadOnlySpan<char> key);

    /// <summary>Returns true if the pattern matches the key, or if the limits for patterns prevent a decision.</summary>
    internal virtual bool MayMatch(ReadOnlySpan<char> key) => IsMatch(key);

    /// <summary>Returns true if the other pattern has the same kind and the same text.</summary>
    public bool Equals(KeyPattern? other) => other?.GetType() == GetType() && string.Equals(Text, other.Text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public sealed override bool Equals(object? obj) => Equals(obj as KeyPattern);

    /// <inheritdoc/>
    public sealed override int GetHashCode() => HashCode.Combine(GetType(), string.GetHashCode(Text, StringComparison.Ordinal));

    /// <inheritdoc/>
    public sealed override string ToString() => Text;
}
