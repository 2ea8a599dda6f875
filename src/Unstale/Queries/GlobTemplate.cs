using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Unstale.Values;

namespace Unstale.Queries;

/// <summary>
/// Glob written as an interpolated string: <c>$"query_cache:GetUser:user:{e.UserId}"</c>. The literal text is the pattern. Values are escaped,
/// so the id <c>*</c> matches only itself. A null or empty value becomes <c>*</c>, because an unknown value must invalidate all candidates.
/// </summary>
[InterpolatedStringHandler]
public sealed class GlobTemplate
{
    private readonly StringBuilder _pattern;
    private readonly StringBuilder _template;

    /// <summary>Called by the compiler.</summary>
    /// <param name="literalLength">Number of characters outside of values.</param>
    /// <param name="formattedCount">Number of values.</param>
    public GlobTemplate(int literalLength, int formattedCount)
    {
        _pattern = new StringBuilder(literalLength + (16 * formattedCount));
        _template = new StringBuilder(literalLength + (2 * formattedCount));
    }

    /// <summary>Text without the values, for use in metrics and log lines.</summary>
    internal string Template => _template.ToString();

    internal GlobPattern Pattern => new(_pattern.ToString());

    /// <summary>Called by the compiler.</summary>
    /// <param name="value">Literal text of the pattern.</param>
    public void AppendLiteral(string value)
    {
        _pattern.Append(value);
        _template.Append(value);
    }

    /// <summary>Called by the compiler.</summary>
    /// <param name="value">Value to escape and append, formatted as by <see cref="CacheKey.TextOf{T}(T)"/>.</param>
    /// <param name="format">Format of a formattable value, in the invariant culture. Default: null, as by <see cref="CacheKey.TextOf{T}(T)"/>.</param>
    /// <exception cref="ArgumentException">No text distinguishes the value from other values of the type.</exception>
    public void AppendFormatted<T>(T value, string? format = null)
    {
        var text = value is null ? null
            : format is not null && value is IFormattable formattable ? formattable.ToString(format, CultureInfo.InvariantCulture)
            : NameText.Format(value) ?? throw Errors.NoTextOf(value.GetType(), nameof(value));
        _pattern.Append(string.IsNullOrEmpty(text) ? "*" : GlobPattern.Escape(text));
        _template.Append("{}");
    }
}
