namespace Unstale;

/// <summary>
/// What a set of cache keys looks like: a <see cref="GlobPattern"/> or a <see cref="RegexPattern"/>, never a bare string, so that
/// nobody has to guess which one a text is.
/// </summary>
public abstract class KeyPattern
{
    private protected KeyPattern(string text) => Text = text;

    /// <summary>The pattern as it was written.</summary>
    public string Text { get; }

    /// <summary>True if the pattern matches this key. Ordinal and case-sensitive.</summary>
    public abstract bool IsMatch(ReadOnlySpan<char> key);

    /// <inheritdoc/>
    public override string ToString() => Text;
}
