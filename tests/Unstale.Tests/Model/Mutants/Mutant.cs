namespace Unstale.Tests.Model.Mutants;

/// <summary>A planted mistake: texts of the sources and their replacements.</summary>
public sealed class Mutant(string name, params IReadOnlyList<Patch> patches)
{
    public IReadOnlyList<Patch> Patches => patches;

    public override string ToString() => name;
}

/// <param name="File">Path relative to the root.</param>
/// <param name="Text">Text that occurs exactly once in the file.</param>
/// <param name="Instead">The mistake.</param>
public sealed record Patch(string File, string Text, string Instead)
{
    public string Apply(string source)
    {
        var at = source.IndexOf(Text, StringComparison.Ordinal);
        if (at < 0 || source.IndexOf(Text, at + 1, StringComparison.Ordinal) >= 0)
            throw new InvalidOperationException($"'{Text}' does not stand in {File} exactly once any more: adapt the planted mistake.");
        return source.Replace(Text, Instead, StringComparison.Ordinal);
    }
}
