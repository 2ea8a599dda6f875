using Unstale.Log;

namespace Unstale.Store;

/// <content>What a value carries: its tags, those of what it was made from, and the marks of those keys.</content>
internal sealed partial class Loader
{
    /// <summary>Up to here a look at each costs less than a set.</summary>
    private const int Few = 16;

    /// <summary>The tags given, what the factory said and read, and what was declared for the key; null if that is the tags alone.</summary>
    private string[]? CarriedBy(Fill fill, string[] tags, FillContext? fillContext)
    {
        var said = fillContext?.Tags;
        var read = fill.Read?.Close();
        var declared = context.DeclaredOf?.Invoke(fill.Key);
        if (said is null && read is null && declared is null)
            return null;
        var known = said is null ? tags : UnionOf(tags, [.. said.Distinct(StringComparer.Ordinal)]);
        return read is null && declared is null ? known : WithoutMarkOf(fill.Key, UnionOf(UnionOf(known, read), declared));
    }

    /// <summary>A value is not made from itself: the record of a set names its key, and is not to speak against what it has set.</summary>
    public static string[] WithoutMarkOf(string key, string[] names) =>
        KeyMark.IsAmong(names, key) ? Without(key, names) : names;

    private static string[] Without(string key, string[] names) => Array.FindAll(names, name => !KeyMark.IsOf(name, key));

    /// <summary>The names of both, each once; in neither of the two is one twice.</summary>
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
