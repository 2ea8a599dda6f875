namespace Unstale;

/// <summary>Every message that a user of this assembly can meet: what happened, which setting, its value, what to do.</summary>
internal static class Errors
{
    public static FormatException GenerationFormat(ReadOnlySpan<char> text) =>
        new($"'{text}' is no generation: it has 32 hexadecimal digits.");

    public static FormatException PositionFormat(string? text) =>
        new($"'{text}' is no log position: one is written partition-generation-sequence, several are separated by commas.");

    public static ArgumentException PatternLength(string text, int maximum) =>
        new($"A pattern has 1 to {maximum} characters, this one has {text.Length}. To reach all keys, invalidate everything.", nameof(text));

    public static ArgumentException RegexRefused(string text, Exception why) =>
        new($"The regular expression '{text}' is refused: {why.Message} "
            + "Patterns run on the linear-time engine, which has no lookarounds, backreferences, atomic groups or conditionals.", nameof(text), why);

    public static ArgumentException SegmentId(string id) =>
        new($"The id of a segment is '{id}': it is not empty. Give it as it stands in the key.", nameof(id));

    public static ArgumentException KeyNamespace(string ns) =>
        new($"'{ns}' is no namespace of a key: it is not empty and holds neither ':' nor '%'. Give what follows the first ':' as parts.", nameof(ns));

    public static NotSupportedException JsonCannot(Type type, string why, Exception? inner = null) =>
        new($"A value of type '{type}' cannot be kept as JSON: {why} Register an IHybridCacheSerializer<T> for it, "
            + "or, if it never changes, make it sealed and mark it [ImmutableObject(true)].", inner);
}
