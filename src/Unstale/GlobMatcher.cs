namespace Unstale;

/// <summary>
/// Matches a glob. Every element but <c>*</c> takes exactly one character, so it is enough to go back to the last <c>*</c>:
/// there is no recursion and no exponential case.
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

    /// <summary>Reads up to the first wildcard.</summary>
    /// <param name="glob">The whole pattern.</param>
    /// <param name="length">How much of the pattern the prefix takes, with its escapes.</param>
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

    /// <summary>Moves past one element; <paramref name="g"/> means nothing when it does not match.</summary>
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

    /// <summary>A backslash that ends the pattern stands for itself.</summary>
    private static bool IsEscape(ReadOnlySpan<char> glob, int g) => glob[g] == '\\' && g + 1 < glob.Length;
}
