namespace Unstale.Log;

/// <summary>One thing that became untrue: a key, a tag, a pattern, all of several tags, or everything.</summary>
public readonly struct InvalidationTarget : IEquatable<InvalidationTarget>
{
    private readonly object? _detail;

    private InvalidationTarget(TargetKind kind, string text, object? detail = null)
    {
        Kind = kind;
        Text = text;
        _detail = detail;
    }

    /// <summary>What is named.</summary>
    public TargetKind Kind { get; }

    /// <summary>The key, the tag, the pattern's text, the tags joined by a comma; empty for everything.</summary>
    public string Text { get; }

    /// <summary>The pattern of a <see cref="TargetKind.Glob"/> or <see cref="TargetKind.Regex"/>.</summary>
    public KeyPattern? Pattern => _detail as KeyPattern;

    /// <summary>The tags of a <see cref="TargetKind.AllOf"/>.</summary>
    public IReadOnlyList<string> Tags => _detail as string[] ?? [];

    /// <summary>True for the kinds that are compared with entries one by one: patterns and all-of.</summary>
    internal bool IsBroad => Kind is TargetKind.Glob or TargetKind.Regex or TargetKind.AllOf;

    /// <summary>Everything.</summary>
    public static InvalidationTarget Everything { get; } = new(TargetKind.Everything, string.Empty);

    /// <summary>One key.</summary>
    public static InvalidationTarget ForKey(string key) => new(TargetKind.Key, key);

    /// <summary>One tag.</summary>
    public static InvalidationTarget ForTag(string tag) => new(TargetKind.Tag, tag);

    /// <summary>A pattern over keys.</summary>
    public static InvalidationTarget ForPattern(KeyPattern pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        return new(pattern is RegexPattern ? TargetKind.Regex : TargetKind.Glob, pattern.Text, pattern);
    }

    /// <summary>
    /// The regular expression of a record that was read from a log. It is parsed here and compiled at the first match; one that the engine then
    /// refuses matches every key.
    /// </summary>
    /// <exception cref="ArgumentException">The text is empty, too long, holds half of a surrogate pair, or is no regular expression.</exception>
    public static InvalidationTarget ForRecordedRegex(string text) => ForPattern(RegexPattern.FromRecord(text));

    /// <summary>Entries that carry all of these tags.</summary>
    public static InvalidationTarget ForAllOf(IEnumerable<string> tags)
    {
        string[] all = [.. tags.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return new(TargetKind.AllOf, string.Join(',', all), all);
    }

    /// <summary>
    /// True if an entry of this key and these tags, marks of the keys it was made from among them, is concerned. Also true for a regular expression
    /// that this process has no room to compile.
    /// </summary>
    public bool Concerns(string key, ReadOnlySpan<string> tags) => tags.Contains(KeyMark.AnyRecord) || Kind switch
    {
        TargetKind.Key => string.Equals(key, Text, StringComparison.Ordinal) || KeyMark.IsAmong(tags, Text),
        TargetKind.Tag => tags.Contains(Text),
        TargetKind.Glob or TargetKind.Regex => Pattern!.MayMatch(key) || MatchesMark(tags),
        TargetKind.AllOf => HasAll(tags),
        _ => true,
    };

    private bool MatchesMark(ReadOnlySpan<string> tags)
    {
        foreach (var tag in tags)
        {
            if (KeyMark.Is(tag) && Pattern!.MayMatch(KeyMark.KeyOf(tag)))
                return true;
        }

        return false;
    }

    private bool HasAll(ReadOnlySpan<string> tags)
    {
        foreach (var tag in (string[])_detail!)
        {
            if (!tags.Contains(tag))
                return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public bool Equals(InvalidationTarget other) =>
        Kind == other.Kind && string.Equals(Text, other.Text, StringComparison.Ordinal)
        && (Kind != TargetKind.AllOf || Tags.SequenceEqual(other.Tags, StringComparer.Ordinal)); // a tag may hold a comma

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is InvalidationTarget other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, Text);

    /// <inheritdoc/>
    public override string ToString() => Kind == TargetKind.Everything ? "everything" : $"{Kind} {Text}";

    /// <summary>The same kind of the same.</summary>
    public static bool operator ==(InvalidationTarget left, InvalidationTarget right) => left.Equals(right);

    /// <summary>Another kind, or another of the same.</summary>
    public static bool operator !=(InvalidationTarget left, InvalidationTarget right) => !left.Equals(right);
}
