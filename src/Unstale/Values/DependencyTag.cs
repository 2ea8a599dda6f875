namespace Unstale.Values;

/// <summary>
/// Marks of values made from the entry of another key, written as tags: U+0000 and the key. Tags of users never begin with U+0000. An invalidation of
/// the key invalidates the values with its mark, and so does a pattern that matches the key.
/// </summary>
internal static class DependencyTag
{
    public const char First = '\0';

    /// <summary>
    /// Mark of a value made from more than is recorded: any later record of the log invalidates the value. This is the mark of the empty key, which
    /// no entry has.
    /// </summary>
    public const string AnyRecord = "\0";

    public static string ForKey(string key) => string.Concat("\0", key);

    /// <summary>
    /// Returns the mark of a value declared to be computed from the key, over any number of steps: U+0000 twice and the key. A record
    /// limited to direct dependents does not invalidate by this mark.
    /// </summary>
    public static string ForDeclaredKey(string key) => string.Concat("\0\0", key);

    public static bool IsDeclared(string name) => name.Length > 2 && name[0] == First && name[1] == First;

    public static bool Is(string name) => name.Length > 0 && name[0] == First;

    /// <summary>Returns the key of a mark.</summary>
    public static ReadOnlySpan<char> KeyOf(string mark) => mark.AsSpan(IsDeclared(mark) ? 2 : 1);

    /// <summary>True if the name is a mark of the key, recorded or declared.</summary>
    public static bool IsOf(string name, ReadOnlySpan<char> key) => Is(name) && key.SequenceEqual(KeyOf(name));

    /// <summary>Copies the tags among the names of an entry.</summary>
    public static string[] TagsOf(string[] names) => Array.FindAll(names, static name => !Is(name));

    /// <summary>Returns the keys whose marks are among the names of an entry.</summary>
    public static string[] KeysOf(string[] names) => [.. names.Where(static name => name.Length > 1 && Is(name)).Select(static name => KeyOf(name).ToString()).Distinct(StringComparer.Ordinal)];

    /// <summary>True if the names contain a recorded mark of the key, not only a declared one.</summary>
    public static bool IsRecordedAmong(ReadOnlySpan<string> names, ReadOnlySpan<char> key)
    {
        foreach (var name in names)
        {
            if (!IsDeclared(name) && IsOf(name, key))
                return true;
        }

        return false;
    }

    /// <summary>True if the names contain a mark of the key, recorded or declared.</summary>
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
