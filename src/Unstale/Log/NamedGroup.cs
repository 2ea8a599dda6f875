namespace Unstale.Log;

/// <summary>Names of one invalidation that are reported under one text. Their removed entries are counted together.</summary>
/// <param name="text">Text of the group, without values.</param>
internal sealed class NamedGroup(string text)
{
    public string Text => text;

    public HashSet<string> Keys { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Tags { get; } = new(StringComparer.Ordinal);

    public HashSet<KeyPattern> Patterns { get; } = [];

    /// <summary>Number of names.</summary>
    public int Count => Keys.Count + Tags.Count + Patterns.Count;

    /// <summary>Origin of the targets, with the counter of their entries.</summary>
    public InvalidationCause Cause { get; } = new(rule: null);

    /// <summary>Number of entries removed so far because of the names. A name of several groups counts for the first.</summary>
    public long Entries => Interlocked.Read(ref Cause.Entries.Value);
}
