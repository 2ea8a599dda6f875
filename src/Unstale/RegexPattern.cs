using System.Diagnostics.CodeAnalysis;

namespace Unstale;

/// <summary>
/// A regular expression over keys, anchored at their start alone: <c>user:\d+</c> also matches <c>user:1:session</c>; end it with
/// <c>$</c> for the whole key. Ordinal; case counts unless the expression says otherwise.
/// </summary>
/// <remarks>
/// It runs on the engine whose time is linear in the length of the key. What that engine does not have (lookarounds,
/// backreferences, atomic groups, conditionals) is refused here, not at the first match. Compiling it takes milliseconds and about
/// half a megabyte, on each node that has to match it, so a glob is cheaper wherever it suffices. Patterns of one text share one
/// compiled form.
/// </remarks>
public sealed class RegexPattern : KeyPattern
{
    private readonly bool _isRecorded;

    /// <summary>Reads a regular expression.</summary>
    /// <param name="text">The expression, in .NET's syntax.</param>
    /// <exception cref="ArgumentException">
    /// The text is empty, longer than <see cref="KeyPattern.MaximumLength"/>, holds half of a surrogate pair, is no regular expression, or uses what
    /// the linear-time engine has not. An <c>(?x)</c> comment that runs to the end of the text is refused too.
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

    /// <summary>Reads the expression of a record, which another node has checked. It is compiled at the first match; one that the engine then refuses matches every key.</summary>
    /// <exception cref="ArgumentException">The text is no regular expression.</exception>
    internal static RegexPattern FromRecord(string text) => new(text, isRequired: false);

    /// <inheritdoc/>
    /// <remarks>
    /// The pattern of a record that was read from a log also matches what this process has no room to find out: see
    /// <see cref="Log.InvalidationTarget.ForRecordedRegex"/>.
    /// </remarks>
    public override bool IsMatch(ReadOnlySpan<char> key) => _isRecorded ? MayMatch(key) : RegexAutomata.Shared.IsMatch(Text, key);

    internal override bool MayMatch(ReadOnlySpan<char> key) => RegexAutomata.Shared.MayMatch(Text, key);
}
