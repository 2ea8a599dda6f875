using System.Diagnostics.CodeAnalysis;
using Unstale.Values;

namespace Unstale;

/// <summary>
/// Regular expression over keys, anchored only at the start: <c>user:\d+</c> also matches <c>user:1:session</c>. End the expression with <c>$</c> to match
/// the whole key. Ordinal. Case-sensitive unless the expression specifies otherwise.
/// </summary>
/// <remarks>
/// Runs on the engine whose time is linear in the length of the key. The constructor refuses constructs that the engine does not support (lookarounds,
/// backreferences, atomic groups, conditionals); the first match does not fail. Compilation takes milliseconds and about half a megabyte on each node that
/// matches the pattern, so a glob is cheaper wherever it suffices. Patterns with the same text share one compiled form.
/// </remarks>
public sealed class RegexPattern : KeyPattern
{
    private readonly bool _isRecorded;

    /// <summary>Creates a pattern from a regular expression.</summary>
    /// <param name="text">Expression in .NET syntax.</param>
    /// <exception cref="ArgumentException">
    /// The text is empty, is longer than <see cref="KeyPattern.MaximumLength"/>, contains an unpaired surrogate, is not a regular expression, or uses a
    /// construct that the linear-time engine does not support. An <c>(?x)</c> comment that extends to the end of the text is refused too.
    /// </exception>
    public RegexPattern([StringSyntax(StringSyntaxAttribute.Regex)] string text)
        : this(text, isRequired: true)
    {
    }

    private RegexPattern(string text, bool isRequired)
        : base(text)
    {
        _isRecorded = !isRequired;
        if (isRequired)
            RegexAutomata.Shared.Require(text);
        else
            RegexAutomata.Parse(text);
    }

    /// <summary>
    /// Creates the pattern of a record, whose text another node has checked. The expression is compiled at the first match; if the engine then refuses it,
    /// the pattern matches every key.
    /// </summary>
    /// <exception cref="ArgumentException">The text is not a regular expression.</exception>
    internal static RegexPattern FromRecord(string text) => new(text, isRequired: false);

    /// <inheritdoc/>
    /// <remarks>
    /// The pattern of a record from a log also matches keys for which this process has no room to decide: see
    /// <see cref="Log.InvalidationTarget.ForRecordedRegex"/>.
    /// </remarks>
    public override bool IsMatch(ReadOnlySpan<char> key) => _isRecorded ? MayMatch(key) : RegexAutomata.Shared.IsMatch(Text, key);

    internal override bool MayMatch(ReadOnlySpan<char> key) => RegexAutomata.Shared.MayMatch(Text, key);
}
