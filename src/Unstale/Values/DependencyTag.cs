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
    public static string ForDeclaredKey(string key) => key[0] == First ? AnyRecord : string.Concat("\0\0", key);

    /// <summary>
    /// Beginning of the name of a predicate on rows, see <see cref="Predicates.RowText"/>. The mark of a declared key that begins with U+0000 would look alike:
    /// <see cref="ForDeclaredKey"/> returns <see cref="AnyRecord"/> for such a key.
    /// </summary>
    public const string PredicatePrefix = "\0\0\0";

    /// <summary>Returns the name of a table as a whole, for its node in the dependency graph and for its stripe. No key or tag has this name.</summary>
    public static string ForTable(string table) => string.Concat(PredicatePrefix, table);

    public static bool IsPredicate(string name) => name.StartsWith(PredicatePrefix, StringComparison.Ordinal);

    public static bool IsDeclared(string name) => name.Length > 2 && name[0] == First && name[1] == First && name[2] != First;

    public static bool Is(string name) => name.Length > 0 && name[0] == First;

    /// <summary>Returns the key of a mark; empty for a predicate.</summary>
    public static ReadOnlySpan<char> KeyOf(string mark) => IsPredicate(mark) ? [] : mark.AsSpan(IsDeclared(mark) ? 2 : 1);

    /// <summary>True if the name is a mark of the key, recorded or declared.</summary>
    public static bool IsOf(string name, ReadOnlySpan<char> key) => Is(name) && key.SequenceEqual(KeyOf(name));

    /// <summary>Returns the texts of the predicates among the names of an entry.</summary>
    public static string[] PredicatesOf(string[] names) => [.. names.Where(IsPredicate).Select(static name => name[PredicatePrefix.Length..])];

    /// <summary>Copies the tags among the names of an entry.</summary>
    public static string[] TagsOf(string[] names) => Array.FindAll(names, static name => !Is(name));

    /// <summary>Returns the keys whose marks are among the names of an entry.</summary>
    public static string[] KeysOf(string[] names) => [.. names.Where(static name => name.Length > 1 && Is(name) && !IsPredicate(name)).Select(static name => KeyOf(name).ToString()).Distinct(StringComparer.Ordinal)];

    /// <summary>True if the names contain a recorded mark of the key, not only a declared one.</summary>
    public static bool IsRecordedAmong(ReadOnlySpan<string> names, ReadOnlySpan<char> key)
    {
        foreach (var name in names)
        {
            if (!IsDeclared(name) && IsOf(name, key)) // a predicate is of no key
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
