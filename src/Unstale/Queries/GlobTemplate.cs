using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Unstale.Queries;

/// <summary>
/// A glob written as an interpolated string: <c>$"query_cache:GetUser:user:{e.UserId}"</c>. The text is the pattern, values are escaped, so
/// that an id <c>*</c> matches itself alone. A value that is null or empty becomes <c>*</c>: unknown means stale.
/// </summary>
[InterpolatedStringHandler]
public sealed class GlobTemplate
{
    private readonly StringBuilder _pattern;
    private readonly StringBuilder _template;

    /// <summary>Called by the compiler.</summary>
    /// <param name="literalLength">Characters outside of values.</param>
    /// <param name="formattedCount">Values.</param>
    public GlobTemplate(int literalLength, int formattedCount)
    {
        _pattern = new StringBuilder(literalLength + (16 * formattedCount));
        _template = new StringBuilder(literalLength + (2 * formattedCount));
    }

    /// <summary>The text without its values, which measurements and log lines may carry.</summary>
    internal string Template => _template.ToString();

    internal GlobPattern Pattern => new(_pattern.ToString());

    /// <summary>Called by the compiler.</summary>
    /// <param name="value">Text of the pattern.</param>
    public void AppendLiteral(string value)
    {
        _pattern.Append(value);
        _template.Append(value);
    }

    /// <summary>Called by the compiler.</summary>
    /// <param name="value">A value, escaped; it is written as by <see cref="CacheKey.TextOf{T}(T)"/>.</param>
    /// <param name="format">Format of a value that has formats, in invariant culture. Null: that of <see cref="CacheKey.TextOf{T}(T)"/>.</param>
    /// <exception cref="ArgumentException">No text distinguishes the value from others of its type.</exception>
    public void AppendFormatted<T>(T value, string? format = null)
    {
        var text = value is null ? null
            : format is not null && value is IFormattable formattable ? formattable.ToString(format, CultureInfo.InvariantCulture)
            : NameText.Of(value) ?? throw Errors.NoTextOf(value.GetType(), nameof(value));
        _pattern.Append(string.IsNullOrEmpty(text) ? "*" : GlobPattern.Escape(text));
        _template.Append("{}");
    }
}
