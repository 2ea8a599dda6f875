namespace Unstale;

/// <summary>
/// How names of namespaces stand in tags and keys: <c>ns:outer/inner</c> is the tag, <c>ns:outer/inner//key</c> a key. A slash within a name is
/// escaped and no name is empty, so the first two slashes in a row end the names, and no two lists of names and a key give the same text.
/// </summary>
internal static class NamespaceName
{
    public const string End = "//";

    private const string Start = "ns:";
    private const char Separator = '/';

    public static string Tag(string? outer, string name)
    {
        if (string.IsNullOrEmpty(name))
            throw Errors.EmptyName("name");
        return outer is null ? Start + Escape(name) : $"{outer}{Separator}{Escape(name)}";
    }

    /// <summary>What was given to the namespace as the key; of a key of no namespace all of it.</summary>
    public static ReadOnlySpan<char> KeyWithin(ReadOnlySpan<char> key)
    {
        if (!key.StartsWith(Start, StringComparison.Ordinal))
            return key;
        var end = key.IndexOf(End, StringComparison.Ordinal);
        return end < 0 ? key : key[(end + End.Length)..];
    }

    private static string Escape(string name) =>
        name.AsSpan().ContainsAny(Separator, '%')
            ? name.Replace("%", "%25", StringComparison.Ordinal).Replace("/", "%2F", StringComparison.Ordinal)
            : name;
}
