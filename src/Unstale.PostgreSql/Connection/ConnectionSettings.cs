using Npgsql;

namespace Unstale.PostgreSql.Connection;

/// <summary>Reads connection strings of Npgsql. No message repeats the text of a string, which may be a password.</summary>
internal static class ConnectionSettings
{
    /// <summary>Returns the problem of a connection string; null for a valid one.</summary>
    public static string? Problem(string text)
    {
        if (TryParse(text) is not { } settings)
            return Errors.ConnectionStringText;
        return string.IsNullOrWhiteSpace(settings.Host) ? Errors.NoHost : null;
    }

    /// <summary>Returns the place of a database without the user's password, for log lines and messages.</summary>
    public static string Place(string text) =>
        TryParse(text) is { } settings ? $"{settings.Host}:{settings.Port}/{settings.Database ?? settings.Username}" : "?";

    private static NpgsqlConnectionStringBuilder? TryParse(string text)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(text);
        }
        catch (ArgumentException)
        {
            return null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
