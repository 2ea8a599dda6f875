using Unstale.Values;

namespace Unstale.Hosting;

/// <summary>Checks settings against their ranges, for the validators of options.</summary>
internal static class SettingRange
{
    /// <summary>Returns the problem of a value outside its range; null for a value within.</summary>
    public static string? Problem(string setting, long value, long least, long most) =>
        value < least || value > most ? Errors.OutOfRange(setting, value, least, most) : null;

    /// <inheritdoc cref="Problem(string, long, long, long)"/>
    public static string? Problem(string setting, TimeSpan value, TimeSpan least, TimeSpan most) =>
        value < least || value > most ? Errors.OutOfRange(setting, value, least, most) : null;
}
