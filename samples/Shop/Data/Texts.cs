namespace Shop.Data;

/// <summary>Texts that every database stores and the cache accepts without a change.</summary>
internal static class Texts
{
    /// <summary>PostgreSQL stores no zero character, and functions of SQLite end a text there. UTF-8 cannot carry half of a surrogate pair.</summary>
    /// <param name="field">The name of the text, for the sentence.</param>
    /// <param name="text">The text; null is in order.</param>
    /// <param name="maximum">Maximum length in UTF-16 characters.</param>
    /// <returns>The fault in a sentence; null when there is none.</returns>
    public static string? FindFault(string field, string? text, int maximum)
    {
        if (text is null)
        {
            return null;
        }

        if (text.Length > maximum)
        {
            return $"The {field} has {text.Length} characters; it can have {maximum}.";
        }

        if (text.Contains('\0', StringComparison.Ordinal))
        {
            return $"The {field} has the character U+0000, which is no part of a text.";
        }

        return IsWellFormed(text) ? null : $"The {field} has half of a surrogate pair, which is no part of a text.";
    }

    private static bool IsWellFormed(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (char.IsSurrogate(text[at]) && !char.IsSurrogatePair(text, at++))
            {
                return false;
            }
        }

        return true;
    }
}
