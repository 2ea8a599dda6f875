namespace Unstale.Log;

/// <summary>
/// "Made from the entry of that key", written as a tag: U+0000 and the key. Tags that users give never begin so. An invalidation of the
/// key takes what carries its mark, and a pattern that matches the key does too.
/// </summary>
internal static class KeyMark
{
    public const char First = '\0';

    /// <summary>
    /// "Made from more than is recorded": any later record of the log takes a value that carries it. It is the mark of the empty key, which no
    /// entry has.
    /// </summary>
    public const string AnyRecord = "\0";

    public static string Of(string key) => string.Concat("\0", key);

    /// <summary>
    /// "Declared to be computed from that key, however many steps away": U+0000 twice and the key. A record with
    /// <see cref="RecordFlags.DirectDependents"/> does not take it.
    /// </summary>
    public static string OfDeclared(string key) => string.Concat("\0\0", key);

    public static bool IsDeclared(string name) => name.Length > 2 && name[0] == First && name[1] == First;

    public static bool Is(string name) => name.Length > 0 && name[0] == First;

    /// <summary>The key of a mark.</summary>
    public static ReadOnlySpan<char> KeyOf(string mark) => mark.AsSpan(IsDeclared(mark) ? 2 : 1);

    /// <summary>True if the name is a mark of the key, of either kind.</summary>
    public static bool IsOf(string name, ReadOnlySpan<char> key) => Is(name) && key.SequenceEqual(KeyOf(name));

    /// <summary>Copies the tags among names that an entry carries.</summary>
    public static string[] TagsOf(string[] names) => Array.FindAll(names, static name => !Is(name));

    /// <summary>The keys whose marks are among names that an entry carries.</summary>
    public static string[] KeysOf(string[] names) => [.. names.Where(static name => name.Length > 1 && Is(name)).Select(static name => KeyOf(name).ToString()).Distinct(StringComparer.Ordinal)];

    /// <summary>True if the names contain the mark of a value that was made from the entry of the key, and not only declared to be.</summary>
    public static bool IsRecordedAmong(ReadOnlySpan<string> names, ReadOnlySpan<char> key)
    {
        foreach (var name in names)
        {
            if (!IsDeclared(name) && IsOf(name, key))
                return true;
        }

        return false;
    }

    /// <summary>True if something of these was made from the entry of the key, or declared to be.</summary>
    public static bool IsAmong(ReadOnlySpan<string> names, ReadOnlySpan<char> key)
    {
        foreach (var name in names)
        {
            if (IsOf(name, key))
                return true;
        }

        return false;
    }
}
