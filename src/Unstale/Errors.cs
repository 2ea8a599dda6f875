namespace Unstale;

/// <summary>Every message that a user of this assembly can meet: what happened, which setting, its value, what to do.</summary>
internal static class Errors
{
    public static FormatException GenerationFormat(ReadOnlySpan<char> text) =>
        new($"'{text}' is no generation: it has 32 hexadecimal digits.");

    public static FormatException PositionFormat(string? text) =>
        new($"'{text}' is no log position: one is written partition-generation-sequence, several are separated by commas.");
}
