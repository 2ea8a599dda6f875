namespace Shop.Data;

/// <summary>Check for texts that every database stores and the cache accepts without a change.</summary>
internal static class Texts
{
    /// <summary>
    /// Checks a text. PostgreSQL stores no zero character, and functions of SQLite end a text there. UTF-8 cannot encode half of a surrogate pair.
    /// </summary>
    /// <param name="field">Name of the text in the sentence.</param>
    /// <param name="text">Text to check. Null is valid.</param>
    /// <param name="maximum">Maximum length in UTF-16 characters.</param>
    /// <returns>Fault in a sentence, or null if there is none.</returns>
    public static string? FindFault(string field, string? text, int maximum)
    {
        if (text is null)
            return null;

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
                return false;
        }

        return true;
    }
}
