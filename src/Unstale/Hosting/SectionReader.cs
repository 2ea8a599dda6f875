using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Unstale.Hosting;

/// <summary>Takes values out of a section, and says where it stands what is wrong with one.</summary>
/// <param name="section">The section.</param>
/// <param name="refuse">Makes the error of a path, what is wrong there, and what said so.</param>
internal sealed class SectionReader(IConfigurationSection section, Func<string, string, Exception?, InvalidOperationException> refuse)
{
    private const decimal MostSeconds = 1_000_000_000;

    /// <param name="section">The section of a rule, or within one.</param>
    /// <param name="rule">The rule's name, where it has one.</param>
    public SectionReader(IConfigurationSection section, string? rule)
        : this(section, (path, why, inner) => Errors.RuleRefused(path, rule, why, inner))
    {
    }

    /// <summary>Its last name.</summary>
    public string Key => section.Key;

    /// <summary>The text that stands in place of a section; null if none does.</summary>
    public string? Value => section.Value;

    public InvalidOperationException Refused(string? key, string why, Exception? inner = null) =>
        refuse(key is null ? section.Path : $"{section.Path}:{key}", why, inner);

    public void RequireOnly(string[] keys)
    {
        if (!string.IsNullOrEmpty(section.Value))
            throw Refused(key: null, Errors.NotASection(keys));
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

    /// <summary>A number of seconds, or a time in .NET's form <c>[d.]hh:mm:ss</c>.</summary>
    public TimeSpan? Time(string key) => Text(key) is { } text ? TimeOf(text) ?? throw Refused(key, Errors.NotATime(text)) : null;

    /// <summary>The same of what stands in place of this section.</summary>
    public TimeSpan? Time() => section.Value is { } text ? TimeOf(text) ?? throw Refused(key: null, Errors.NotATime(text)) : null;

    /// <summary>The section of this name, which may be empty.</summary>
    public SectionReader Section(string key) => new(section.GetSection(key), refuse);

    /// <summary>The sections of a list.</summary>
    public IReadOnlyList<SectionReader> List(string key)
    {
        var child = section.GetSection(key);
        if (!string.IsNullOrEmpty(child.Value))
            throw Refused(key, Errors.NotAList);
        return [.. child.GetChildren().Select(item => new SectionReader(item, refuse))];
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
            throw Refused(key, exception.Message, exception);
        }
    }

    /// <summary>A bare number is no number of days, as .NET would have it.</summary>
    private static TimeSpan? TimeOf(string text)
    {
        if (decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds))
            return Math.Abs(seconds) <= MostSeconds ? TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond)) : null;
        return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var time) ? time : null;
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
