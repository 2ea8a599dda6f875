using System.Globalization;
using System.Numerics;
using Microsoft.Extensions.Configuration;
using Unstale.Values;

namespace Unstale.Hosting;

/// <summary>Reads values of a section. An error contains the path of the invalid value.</summary>
/// <param name="section">Section to read.</param>
/// <param name="refuse">Function that creates an error from the path, the problem and the exception that reported the problem.</param>
internal sealed class SectionReader(IConfigurationSection section, Func<string, string, Exception?, InvalidOperationException> refuse)
{
    private const decimal MostSeconds = 1_000_000_000;

    /// <param name="section">Section of a rule, or a section within.</param>
    /// <param name="rule">Name of the rule; null for none.</param>
    public SectionReader(IConfigurationSection section, string? rule)
        : this(section, (path, why, inner) => Errors.RuleRefused(path, rule, why, inner))
    {
    }

    /// <summary>Reads each setting of a section into options.</summary>
    /// <param name="section">Section to read.</param>
    /// <param name="options">Options to change.</param>
    /// <param name="settings">Names of the settings, with the function that reads each.</param>
    /// <param name="refuse">Function that creates an error.</param>
    /// <param name="missing">Text of the error if the section does not exist.</param>
    /// <param name="others">Names in the section that another reader reads.</param>
    /// <exception cref="InvalidOperationException">A setting in the section is invalid, or the section does not exist.</exception>
    public static void Bind<T>(
        IConfigurationSection section,
        T options,
        IReadOnlyDictionary<string, Action<T, SectionReader, string>> settings,
        Func<string, string, Exception?, InvalidOperationException> refuse,
        string missing,
        params string[] others)
    {
        if (!section.Exists())
            throw refuse(section.Path, missing, null);
        var reader = new SectionReader(section, refuse);
        reader.RequireOnly([.. settings.Keys, .. others]);
        foreach (var child in section.GetChildren())
        {
            if (settings.TryGetValue(child.Key, out var set))
                set(options, reader, child.Key);
        }
    }

    /// <summary>Last segment of the path.</summary>
    public string Key => section.Key;

    /// <summary>Text in place of a section; null for none.</summary>
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

    /// <summary>Returns the text of a key; null if the key is absent.</summary>
    public string? Text(string key)
    {
        var child = section.GetSection(key);
        return child.GetChildren().Any() ? throw Refused(key, Errors.NotAText) : child.Value;
    }

    /// <summary>Returns a list of texts or a single text; empty if the key is absent.</summary>
    public IReadOnlyList<string> Texts(string key) => Each(key, static text => text);

    /// <summary>Converts each text of a list.</summary>
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

    public int? Number(string key) => Number<int>(key);

    public long? LongNumber(string key) => Number<long>(key);

    public bool? Flag(string key)
    {
        if (Text(key) is not { } text)
            return null;
        return bool.TryParse(text, out var flag) ? flag : throw Refused(key, Errors.NotAFlag(text));
    }

    /// <summary>Reads a time: a number of seconds, or the .NET format <c>[d.]hh:mm:ss</c>.</summary>
    public TimeSpan? Time(string key) => Text(key) is { } text ? TimeOf(text) ?? throw Refused(key, Errors.NotATime(text)) : null;

    /// <summary>Reads the time given in place of this section.</summary>
    public TimeSpan? Time() => section.Value is { } text ? TimeOf(text) ?? throw Refused(key: null, Errors.NotATime(text)) : null;

    /// <summary>Returns the section of this name, which may be empty.</summary>
    public SectionReader Section(string key) => new(section.GetSection(key), refuse);

    /// <summary>Returns the sections of a list.</summary>
    public IReadOnlyList<SectionReader> List(string key)
    {
        var child = section.GetSection(key);
        if (!string.IsNullOrEmpty(child.Value))
            throw Refused(key, Errors.NotAList);
        return [.. child.GetChildren().Select(item => new SectionReader(item, refuse))];
    }

    /// <summary>Calls a function. If the function fails, throws an error that contains the path of the value.</summary>
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

    private T? Number<T>(string key)
        where T : struct, IBinaryInteger<T>
    {
        if (Text(key) is not { } text)
            return null;
        return T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Refused(key, Errors.NotANumber(text));
    }

    /// <summary>Converts a text to a time. Unlike in .NET, a bare number is not a number of days.</summary>
    private static TimeSpan? TimeOf(string text)
    {
        if (decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds))
            return Math.Abs(seconds) <= MostSeconds ? TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond)) : null;
        return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var time) ? time : null;
    }

    /// <summary>Converts a text to an enum member by name only, because a number could change its meaning when a member is added.</summary>
    private static T Chosen<T>(string text)
        where T : struct, Enum
    {
        var names = Enum.GetNames<T>();
        return Array.Find(names, name => string.Equals(name, text, StringComparison.OrdinalIgnoreCase)) is { } known
            ? Enum.Parse<T>(known)
            : throw new FormatException(Errors.NoSuchChoice(text, names));
    }
}
