using Unstale.Values;

namespace Unstale.Loading;

/// <content>Names carried by a value: tags, the tags of all values used to make the value, and the marks of their keys.</content>
internal sealed partial class LoadCoordinator
{
    /// <summary>Maximum number of names for which a linear search is cheaper than a set.</summary>
    private const int Few = 16;

    /// <summary>
    /// Returns the given tags, the tags added and the names read by the factory, and the names declared for the key; null for the given tags alone.
    /// </summary>
    /// <param name="key">Key of the value.</param>
    /// <param name="reads">Names read by the factory; null for none. The recording ends.</param>
    /// <param name="tags">Tags of the calls.</param>
    /// <param name="loadContext">Context of the factory; null for none.</param>
    private string[]? CarriedBy(string key, LoadDependencies? reads, ReadOnlySpan<string> tags, LoadContext? loadContext)
    {
        var added = loadContext?.Tags;
        var read = reads?.Close();
        var declared = context.DeclaredOf?.Invoke(key);
        if (declared is { Count: 0 })
            declared = null;
        if (added is null && read is null && declared is null)
            return null;
        string[] own = [.. tags];
        var known = added is null ? own : UnionOf(own, [.. added.Distinct(StringComparer.Ordinal)]);
        return read is null && declared is null ? known : WithoutMarkOf(key, UnionOf(UnionOf(known, read), declared));
    }

    /// <summary>
    /// Removes the marks of the key itself. A value is not made from itself, and the record of a set, which names the key, must not invalidate the
    /// value just set.
    /// </summary>
    public static string[] WithoutMarkOf(string key, string[] names) =>
        DependencyTag.IsAmong(names, key) ? Without(key, names) : names;

    private static string[] Without(string key, string[] names) => Array.FindAll(names, name => !DependencyTag.IsOf(name, key));

    /// <summary>Returns the names of both lists, each once. Neither list may contain a name twice.</summary>
    public static string[] UnionOf(string[] names, IReadOnlyList<string>? more)
    {
        if (more is null or { Count: 0 })
            return names;
        if (names.Length == 0 || (more is string[] same && names.AsSpan().SequenceEqual(same)))
            return more as string[] ?? [.. more];
        if (names.Length + more.Count > Few)
            return [.. names.Union(more, StringComparer.Ordinal)];
        var all = new string[names.Length + more.Count];
        names.CopyTo(all, 0);
        var count = names.Length;
        foreach (var name in more)
        {
            if (!all.AsSpan(0, count).Contains(name))
                all[count++] = name;
        }

        return count == all.Length ? all : all[..count];
    }
}
