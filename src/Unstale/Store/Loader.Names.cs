using Unstale.Log;

namespace Unstale.Store;

/// <content>What a value carries: its tags, those of what it was made from, and the marks of those keys.</content>
internal sealed partial class Loader
{
    /// <summary>Up to here a look at each costs less than a set.</summary>
    private const int Few = 16;

    /// <summary>All that was not known when the fill began: what the factory said, what it read, and what was declared for the key.</summary>
    private string[]? LearntBy(Fill fill, FillContext? fillContext)
    {
        var said = fillContext?.Tags;
        var read = fill.Read?.Close();
        var declared = context.DeclaredOf?.Invoke(fill.Key);
        if (read is null && declared is null)
            return said is null ? null : [.. said];
        return WithoutMarkOf(fill.Key, UnionOf(UnionOf(read ?? [], said), declared));
    }

    /// <summary>A value is not made from itself: the record of a set names its key, and is not to speak against what it has set.</summary>
    public static string[] WithoutMarkOf(string key, string[] names) =>
        KeyMark.IsAmong(names, key) ? Array.FindAll(names, name => !KeyMark.IsOf(name, key)) : names;

    /// <summary>The names of both, each once.</summary>
    public static string[] UnionOf(string[] names, IReadOnlyList<string>? more)
    {
        if (more is null or { Count: 0 })
            return names;
        if (more is string[] known && (names.AsSpan().SequenceEqual(known) || (names.Length == 0 && CacheNames.AreDistinct(known))))
            return known;
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
