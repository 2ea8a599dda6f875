using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Unstale.Hosting;

/// <summary>Takes values out of a section of a rule, and says where it stands what is wrong with one.</summary>
internal sealed class SectionReader(IConfigurationSection section, string? rule)
{
    public InvalidOperationException Refused(string key, string why, Exception? inner = null) =>
        Errors.RuleRefused($"{section.Path}:{key}", rule, why, inner);

    public void RequireOnly(string[] keys)
    {
        if (!string.IsNullOrEmpty(section.Value))
            throw Errors.RuleRefused(section.Path, rule, Errors.NotASection(keys));
        foreach (var child in section.GetChildren())
        {
            if (!keys.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                throw Refused(child.Key, Errors.UnknownKey(keys));
        }
    }

    /// <summary>Null if it is not there.</summary>
    public string? Text(string key)
    {
        var child = section.GetSection(key);
        return child.GetChildren().Any() ? throw Refused(key, Errors.NotAText) : child.Value;
    }

    /// <summary>A list of texts, or one; none if it is not there.</summary>
    public IReadOnlyList<string> Texts(string key) => Each(key, static text => text);

    /// <summary>What is made of each text of a list.</summary>
    public IReadOnlyList<T> Each<T>(string key, Func<string, T> make)
    {
        var child = section.GetSection(key);
        if (!string.IsNullOrEmpty(child.Value))
            return [Checked(() => make(child.Value), key)];
        var made = new List<T>();
        foreach (var item in child.GetChildren())
            made.Add(item.Value is { } text ? Checked(() => make(text), $"{key}:{item.Key}") : throw Refused($"{key}:{item.Key}", Errors.NotAText));
        return made;
    }

    public IReadOnlyList<T> Choices<T>(string key)
        where T : struct, Enum => Each(key, static text => Chosen<T>(text));

    public T? Choice<T>(string key)
        where T : struct, Enum => Text(key) is { } text ? Checked(() => Chosen<T>(text), key) : null;

    public int? Number(string key)
    {
        if (Text(key) is not { } text)
            return null;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Refused(key, Errors.NotANumber(text));
    }

    public bool? Flag(string key)
    {
        if (Text(key) is not { } text)
            return null;
        return bool.TryParse(text, out var flag) ? flag : throw Refused(key, Errors.NotAFlag(text));
    }

    /// <summary>The sections of a list.</summary>
    public IReadOnlyList<SectionReader> List(string key)
    {
        var child = section.GetSection(key);
        if (!string.IsNullOrEmpty(child.Value))
            throw Refused(key, Errors.NotAList);
        return [.. child.GetChildren().Select(item => new SectionReader(item, rule))];
    }

    /// <summary>What is made, or why not, with its place.</summary>
    public T Checked<T>(Func<T> make, string? key = null)
    {
        try
        {
            return make();
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            throw key is null ? Errors.RuleRefused(section.Path, rule, exception.Message, exception) : Refused(key, exception.Message, exception);
        }
    }

    /// <summary>By its name alone: a number would mean another thing when a name is added.</summary>
    private static T Chosen<T>(string text)
        where T : struct, Enum
    {
        var names = Enum.GetNames<T>();
        return Array.Find(names, name => string.Equals(name, text, StringComparison.OrdinalIgnoreCase)) is { } known
            ? Enum.Parse<T>(known)
            : throw new FormatException(Errors.NoSuchChoice(text, names));
    }
}
