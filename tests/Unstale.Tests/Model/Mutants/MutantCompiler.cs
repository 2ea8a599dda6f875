using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Unstale.Tests.Model.Mutants;

/// <summary>Parses and compiles the sources of mutants.</summary>
internal static class MutantCompiler
{
    public static CSharpParseOptions Language { get; } = new(LanguageVersion.Preview);

    public static SyntaxTree Parse(string text, string file) => CSharpSyntaxTree.ParseText(text, Language, file);

    /// <summary>Returns the files that patches change, with the changes.</summary>
    /// <exception cref="InvalidOperationException">A patch does not apply.</exception>
    public static IEnumerable<SyntaxTree> Patched(IReadOnlyDictionary<string, SyntaxTree> trees, IEnumerable<Patch> patches) =>
        from file in patches.GroupBy(static patch => patch.File, StringComparer.Ordinal)
        select Parse(file.Aggregate(trees[file.Key].ToString(), static (text, patch) => patch.Apply(text)), file.Key);

    /// <summary>Returns all files, with the changes of patches.</summary>
    /// <exception cref="InvalidOperationException">A patch does not apply.</exception>
    public static IEnumerable<SyntaxTree> WithPatches(IReadOnlyDictionary<string, SyntaxTree> trees, IEnumerable<Patch> patches)
    {
        var all = new Dictionary<string, SyntaxTree>(trees, StringComparer.Ordinal);
        foreach (var tree in Patched(trees, patches))
            all[tree.FilePath] = tree;
        return all.Values;
    }

    public static CSharpCompilation Create(string name, IEnumerable<SyntaxTree> trees) => CSharpCompilation.Create(name, trees, References(), new CSharpCompilationOptions(
        OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Annotations));

    /// <summary>Returns the assembly of a compilation.</summary>
    /// <exception cref="InvalidOperationException">The sources have errors.</exception>
    public static byte[] Emit(Compilation compilation)
    {
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        return result.Success
            ? image.ToArray()
            : throw new InvalidOperationException(string.Join('\n', result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Take(10)));
    }

    private static IEnumerable<MetadataReference> References() =>
        from path in ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
        let name = Path.GetFileName(path)
        where name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal)
        select MetadataReference.CreateFromFile(path);
}
