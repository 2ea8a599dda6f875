namespace Unstale.Values;

/// <summary>
/// Matches keys against a glob. Every element except <c>*</c> consumes exactly one character, so backtracking to the last <c>*</c> is enough: there is no
/// recursion and no exponential case.
/// </summary>
internal static class GlobMatcher
{
    public static bool IsMatch(ReadOnlySpan<char> glob, ReadOnlySpan<char> text)
    {
        int g = 0, t = 0, star = -1, retry = 0;
        while (t < text.Length)
        {
            if (g < glob.Length && glob[g] == '*')
            {
                star = ++g;
                retry = t;
            }
            else if (g < glob.Length && TakeOne(glob, ref g, text[t]))
            {
                t++;
            }
            else if (star >= 0)
            {
                g = star;
                t = ++retry;
            }
            else
            {
                return false;
            }
        }

        return !glob[g..].ContainsAnyExcept('*');
    }

    /// <summary>Returns the literal text before the first wildcard, without escapes.</summary>
    /// <param name="glob">Whole pattern.</param>
    /// <param name="length">Length of the prefix in the pattern, including escapes.</param>
    public static string ReadLiteralPrefix(string glob, out int length)
    {
        var prefix = new System.Text.StringBuilder(glob.Length);
        for (length = 0; length < glob.Length && glob[length] is not ('*' or '?' or '['); length++)
        {
            if (IsEscape(glob, length))
                length++;
            prefix.Append(glob[length]);
        }

        return prefix.ToString();
    }

    /// <summary>Matches one element against a character and advances <paramref name="g"/>, which is undefined if there is no match.</summary>
    private static bool TakeOne(ReadOnlySpan<char> glob, ref int g, char c)
    {
        if (glob[g] == '[')
            return TakeClass(glob, ref g, c);
        if (glob[g] == '?')
        {
            g++;
            return true;
        }

        if (IsEscape(glob, g))
            g++;
        return glob[g++] == c;
    }

    private static bool TakeClass(ReadOnlySpan<char> glob, ref int g, char c)
    {
        g++;
        var negated = g < glob.Length && glob[g] == '^';
        if (negated)
            g++;
        var found = false;
        while (g < glob.Length && glob[g] != ']')
            found |= TakeMember(glob, ref g, c);
        if (g < glob.Length)
            g++;
        return found != negated;
    }

    private static bool TakeMember(ReadOnlySpan<char> glob, ref int g, char c)
    {
        if (IsEscape(glob, g))
        {
            g += 2;
            return glob[g - 1] == c;
        }

        var (low, high) = (glob[g], glob[g]);
        if (g + 2 < glob.Length && glob[g + 1] == '-')
        {
            high = glob[g + 2];
            g += 2;
        }

        g++;
        return low <= high ? low <= c && c <= high : high <= c && c <= low;
    }

    /// <summary>Returns true if the character escapes the next one. A backslash at the end of the pattern is literal.</summary>
    private static bool IsEscape(ReadOnlySpan<char> glob, int g) => glob[g] == '\\' && g + 1 < glob.Length;
}
