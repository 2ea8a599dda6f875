using System.Buffers;
using System.Text;
using Unstale.Values;

namespace Unstale.Rules;

/// <summary>Text with named placeholders, such as <c>user:{user}:posts</c>. A literal brace is doubled.</summary>
internal sealed class Template
{
    /// <summary>Maximum number of texts produced from lists of values. Beyond the limit, all values count as missing.</summary>
    private const int MaximumTexts = 10_000;

    private static readonly SearchValues<char> Braces = SearchValues.Create("{}");

    // One literal before each placeholder and one after the last: one more than there are placeholders.
    private readonly string[] _literals;
    private readonly int[] _places;
    private readonly string[] _names;

    private Template(string text, List<string> literals, List<string> places)
    {
        Text = text;
        _literals = [.. literals];
        _names = [.. places.Distinct(StringComparer.Ordinal)];
        _places = [.. places.Select(place => Array.IndexOf(_names, place))];
    }

    /// <summary>Template as written.</summary>
    public string Text { get; }

    /// <summary>Names of the placeholders, each once.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>Text of a template without placeholders; otherwise null.</summary>
    public string? Fixed => _names.Length == 0 ? _literals[0] : null;

    public ReadOnlySpan<string> LiteralsBeforePlaces => _literals.AsSpan(0, _places.Length);

    /// <exception cref="ArgumentException">A brace has no partner, or the text between two braces is not a valid name.</exception>
    public static Template Parse(string text)
    {
        var literals = new List<string>();
        var places = new List<string>();
        var literal = new StringBuilder();
        for (var at = 0; at < text.Length; at++)
        {
            if (!Braces.Contains(text[at]) || (at + 1 < text.Length && text[at + 1] == text[at]))
            {
                at += Braces.Contains(text[at]) ? 1 : 0;
                literal.Append(text[at]);
                continue;
            }

            var end = text[at] == '{' ? text.IndexOf('}', at) : -1;
            if (end < 0)
                throw Errors.BraceAlone(text, at);
            places.Add(Name(text, at + 1, end));
            literals.Add(literal.ToString());
            literal.Clear();
            at = end;
        }

        literals.Add(literal.ToString());
        return new(text, literals, places);
    }

    /// <summary>Passes each combination of the values of a change to a callback.</summary>
    /// <param name="change">Source of the values.</param>
    /// <param name="take">Callback that receives the values in the order of <see cref="Names"/>; null for a missing value.</param>
    /// <returns>Number of missing values.</returns>
    public int ForEach(Change change, Action<string?[]> take)
    {
        var values = new string?[_names.Length][];
        var (total, missing) = (1L, 0);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = TemplateValues.For(change, _names[i]);
            missing += values[i].Count(value => value is null);
            total = Math.Min(total * values[i].Length, MaximumTexts + 1);
        }

        if (total > MaximumTexts)
        {
            take(new string?[_names.Length]);
            return missing + 1;
        }

        for (var n = 0; n < total; n++)
        {
            var chosen = new string?[_names.Length];
            for (var (i, rest) = (0, n); i < chosen.Length; rest /= values[i].Length, i++)
                chosen[i] = values[i][rest % values[i].Length];
            take(chosen);
        }

        return missing;
    }

    /// <summary>Returns the text with the given values, none of which may be missing.</summary>
    public string Plain(string?[] values) => Join(values, static literal => literal, static value => value!);

    /// <summary>Returns a glob with the given values, literal except for missing values.</summary>
    public string KeyAsGlob(string?[] values) => Join(values, GlobPattern.Escape, Escaped);

    /// <summary>Returns the text, itself a glob, with the given values inserted literally.</summary>
    public string Glob(string?[] values) => Join(values, static literal => literal, Escaped);

    private static string Escaped(string? value) => value is null ? "*" : GlobPattern.Escape(value);

    private string Join(string?[] values, Func<string, string> literal, Func<string?, string> value)
    {
        var text = new StringBuilder(literal(_literals[0]));
        for (var i = 0; i < _places.Length; i++)
            text.Append(value(values[_places[i]])).Append(literal(_literals[i + 1]));
        return text.ToString();
    }

    private static string Name(string text, int start, int end)
    {
        var name = text[start..end];
        foreach (var c in name)
        {
            if (!char.IsLetterOrDigit(c) && c is not ('_' or '-' or '.'))
                throw Errors.PlaceholderName(text, name);
        }

        return name.Length == 0 || char.IsDigit(name[0]) ? throw Errors.PlaceholderName(text, name) : name;
    }
}
