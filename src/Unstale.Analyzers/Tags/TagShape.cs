namespace Unstale.Analyzers.Tags;

/// <summary>Constant part of a tag: the whole tag, or the text before its first value.</summary>
/// <param name="text">Constant text.</param>
/// <param name="isWhole">Whether the text is the whole tag.</param>
internal sealed class TagShape(string text, bool isWhole) : IEquatable<TagShape>
{
    private const int ShortText = 4;

    public string Text { get; } = text;

    public bool IsWhole { get; } = isWhole;

    /// <summary>Returns the shape followed by another shape.</summary>
    public TagShape Then(TagShape? next) => !IsWhole ? this : new(Text + next?.Text, next?.IsWhole == true);

    /// <summary>Returns whether a tag of one shape may be a tag of the other.</summary>
    public bool MayEqual(TagShape other) =>
        (IsWhole, other.IsWhole) switch
        {
            (true, true) => Equals(other),
            (true, false) => Text.StartsWith(other.Text, StringComparison.Ordinal),
            (false, true) => other.Text.StartsWith(Text, StringComparison.Ordinal),
            _ => Text.StartsWith(other.Text, StringComparison.Ordinal) || other.Text.StartsWith(Text, StringComparison.Ordinal),
        };

    /// <summary>Returns whether the other shape differs by one letter, or by two in a text that is not short. Letters that differ in case count once.</summary>
    public bool IsNear(TagShape other) =>
        IsWhole == other.IsWhole && EditDistance.Within(Text, other.Text, Math.Min(Text.Length, other.Text.Length) > ShortText ? 2 : 1);

    public bool Equals(TagShape? other) => other is not null && IsWhole == other.IsWhole && string.Equals(Text, other.Text, StringComparison.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as TagShape);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Text) ^ (IsWhole ? 1 : 0);
}
