namespace Unstale.Values;

/// <summary>
/// Format of namespace names in tags and keys: <c>ns:outer/inner</c> is a tag, <c>ns:outer/inner//key</c> a key. Slashes in a name are escaped and no name
/// is empty, so the first two consecutive slashes end the names, and different lists of names and keys never produce the same text.
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

    /// <summary>Returns the key as passed to the namespace. A key without a namespace is returned unchanged.</summary>
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
