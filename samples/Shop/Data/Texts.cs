namespace Shop.Data;

/// <summary>Texts that every database keeps as they are.</summary>
internal static class Texts
{
    /// <summary>PostgreSQL has no text with a zero character, and SQLite's own functions end a text there.</summary>
    public static string? FindFault(string field, string? text) =>
        text?.Contains('\0', StringComparison.Ordinal) == true ? $"The {field} has the character U+0000, which is no part of a text." : null;
}
