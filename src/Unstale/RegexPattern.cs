using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Unstale;

/// <summary>
/// A regular expression over keys, anchored at their start alone: <c>user:\d+</c> also matches <c>user:1:session</c>; end it with
/// <c>$</c> for the whole key. Ordinal; case counts unless the expression says otherwise.
/// </summary>
/// <remarks>
/// It runs on the engine whose time is linear in the length of the key. What that engine does not have (lookarounds,
/// backreferences, atomic groups, conditionals) is refused here, not at the first match.
/// </remarks>
public sealed class RegexPattern : KeyPattern
{
    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private readonly Regex _regex;

    /// <summary>Reads a regular expression.</summary>
    /// <param name="text">The expression, in .NET's syntax.</param>
    /// <exception cref="ArgumentException">
    /// The text is empty, longer than <see cref="KeyPattern.MaximumLength"/>, holds half of a surrogate pair, is no regular expression, or uses what
    /// the linear-time engine has not. An <c>(?x)</c> comment that runs to the end of the text is refused too.
    /// </exception>
    public RegexPattern([StringSyntax(StringSyntaxAttribute.Regex)] string text)
        : base(text)
    {
        try
        {
            // Alone first: "a)|(b" would close the group that anchors it.
            _ = new Regex(text, Options);
            _regex = new Regex($@"\A(?:{text})", Options);
        }
        catch (ArgumentException e)
        {
            throw Errors.RegexRefused(text, e);
        }
        catch (NotSupportedException e)
        {
            throw Errors.RegexNotLinear(text, e);
        }
    }

    /// <inheritdoc/>
    public override bool IsMatch(ReadOnlySpan<char> key) => _regex.IsMatch(key);
}
