using System.Text;
using Unstale.Predicates;
using Unstale.Values;

namespace Unstale.Log;

/// <summary>One target of an invalidation: a key, a tag, a pattern, all of several tags, everything, or a changed row.</summary>
public readonly struct InvalidationTarget : IEquatable<InvalidationTarget>
{
    private readonly string? _text;
    private readonly object? _detail;

    private InvalidationTarget(TargetKind kind, string? text, object? detail = null)
    {
        Kind = kind;
        _text = text;
        _detail = detail;
    }

    /// <summary>Kind of the target.</summary>
    public TargetKind Kind { get; }

    /// <summary>Key, tag, text of the pattern, or tags joined by a comma, or change of a row; empty for everything.</summary>
    public string Text => _text ?? Change?.Text ?? string.Empty;

    /// <summary>Size of the text in UTF-8, in bytes. Estimated for a change whose text nothing has read yet: only a log outside the process needs it.</summary>
    internal int TextBytes => Change?.TextBytes ?? Encoding.UTF8.GetByteCount(Text);

    /// <summary>Pattern of a <see cref="TargetKind.Glob"/> or <see cref="TargetKind.Regex"/>.</summary>
    public KeyPattern? Pattern => _detail as KeyPattern;

    /// <summary>Tags of a <see cref="TargetKind.AllOf"/>.</summary>
    public IReadOnlyList<string> Tags => _detail as string[] ?? [];

    /// <summary>Change of a <see cref="TargetKind.Row"/>; null for all other kinds.</summary>
    internal RowChange? Change => _detail as RowChange;

    /// <summary>Whether entries are compared with the target one by one: true for patterns and all-of.</summary>
    internal bool IsSelector => Kind is TargetKind.Glob or TargetKind.Regex or TargetKind.AllOf;

    /// <summary>Target that concerns every entry.</summary>
    internal static InvalidationTarget Everything { get; } = new(TargetKind.Everything, string.Empty);

    /// <summary>Creates a target for one key.</summary>
    internal static InvalidationTarget ForKey(string key) => new(TargetKind.Key, key);

    /// <summary>Creates a target for one tag.</summary>
    internal static InvalidationTarget ForTag(string tag) => new(TargetKind.Tag, tag);

    /// <summary>Creates a target for a tag named in a call or a rule, where <c>*</c> is everything.</summary>
    internal static InvalidationTarget ForTagOrAll(string tag) => tag == "*" ? Everything : ForTag(tag);

    /// <summary>Creates a target for a pattern over keys.</summary>
    internal static InvalidationTarget ForPattern(KeyPattern pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        return new(pattern is RegexPattern ? TargetKind.Regex : TargetKind.Glob, pattern.Text, pattern);
    }

    /// <summary>
    /// Creates a target for the regular expression of a record read from a log. The text is parsed here and compiled at the first match. An
    /// expression that the engine refuses to compile matches every key.
    /// </summary>
    /// <exception cref="ArgumentException">The text is empty, too long, contains half of a surrogate pair, or is not a valid regular expression.</exception>
    internal static InvalidationTarget ForRecordedRegex(string text) => ForPattern(RegexPattern.FromRecord(text));

    /// <summary>Creates a target for the entries that depend on a changed row.</summary>
    internal static InvalidationTarget ForRow(RowChange change) => new(TargetKind.Row, text: null, change);

    /// <summary>Creates a target for the changed row of a record read from a log.</summary>
    /// <exception cref="ArgumentException">The text is no change of a row.</exception>
    internal static InvalidationTarget ForRecordedRow(string text) => ForRow(RowText.ParseChange(text) ?? throw Errors.NoRowChange());

    /// <summary>Creates a target for the entries with all of the tags.</summary>
    internal static InvalidationTarget ForAllOf(IEnumerable<string> tags)
    {
        string[] all = [.. tags.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return new(TargetKind.AllOf, string.Join(',', all), all);
    }

    /// <summary>
    /// True if the target concerns an entry with the key and the tags, which include marks of the keys it was made from, and predicates. Also true for a
    /// regular expression that this process has no capacity to compile. A tag concerns all predicates on a table of this name, unless the record has a
    /// change of the table, see <see cref="RowTargets"/>.
    /// </summary>
    internal bool Concerns(string key, ReadOnlySpan<string> tags) => tags.Contains(DependencyTag.AnyRecord) || Kind switch
    {
        TargetKind.Key => string.Equals(key, Text, StringComparison.Ordinal) || DependencyTag.IsAmong(tags, Text),
        TargetKind.Tag => tags.Contains(Text),
        TargetKind.Row => RowTargets.Hits(Change!, tags),
        TargetKind.Glob or TargetKind.Regex => Pattern!.MayMatch(key) || MatchesMark(tags),
        TargetKind.AllOf => HasAll(tags),
        _ => true,
    };

    private bool MatchesMark(ReadOnlySpan<string> tags)
    {
        foreach (var tag in tags)
        {
            if (DependencyTag.Is(tag) && Pattern!.MayMatch(DependencyTag.KeyOf(tag)))
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
        && (Kind != TargetKind.AllOf || Tags.SequenceEqual(other.Tags, StringComparer.Ordinal)); // a tag may contain a comma

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is InvalidationTarget other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, Text);

    /// <inheritdoc/>
    public override string ToString() => Kind == TargetKind.Everything ? "everything" : $"{Kind} {Text}";

    /// <summary>True if both targets have the same kind and the same content.</summary>
    public static bool operator ==(InvalidationTarget left, InvalidationTarget right) => left.Equals(right);

    /// <summary>True if the targets differ in kind or in content.</summary>
    public static bool operator !=(InvalidationTarget left, InvalidationTarget right) => !left.Equals(right);
}
