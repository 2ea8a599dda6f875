using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Unstale.Tests.Support;

namespace Unstale.Tests.Model.Mutants;

/// <summary>The horizon and its simulation, compiled into one separate assembly.</summary>
internal static class MutantSources
{
    private const string Engine = "src/Unstale";
    private const string Model = "tests/Unstale.Tests/Model/Simulation";

    private static readonly string[] Folders = [Engine + "/Boundary", Engine + "/Horizon", Engine + "/Log", Engine + "/Predicates", Engine + "/Values", Model];

    /// <summary>Files needed by the horizon and the log, from other folders.</summary>
    private static readonly string[] Files =
    [
        .. new[]
        {
            "ChangeGuard", "EntryState", "Generation", "Node/ConvergenceCheck", "Node/MemberList", "Node/MembershipSnapshot", "Node/NodeStatus", "GlobPattern", "KeyPattern", "LoadLimit", "LoadPipeline", "LogPosition", "ReceiptState", "RegexPattern", "UnstaleEntryOptions",
            "TextJsonConverter", "UnstaleExceptions", "UnstaleOptions", "UntrustedReadBehavior",
        }.Select(name => $"{Engine}/{name}.cs"),
    ];

    /// <summary>True for a file of the horizon, or for one that the horizon or the log needs.</summary>
    public static bool IsOfHorizon(string file) =>
        Files.Contains(file, StringComparer.Ordinal) || Folders.Contains(Path.GetDirectoryName(file)!, StringComparer.Ordinal);

    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly CSharpParseOptions Language = new(LanguageVersion.Preview);
    private static readonly string Root = Repository.Root;
    private static readonly Dictionary<string, SyntaxTree> Trees = ReadAll();

    /// <summary>Shared compilation, so that files without patches are parsed once.</summary>
    private static readonly CSharpCompilation Whole = WithoutOthersErrors(CSharpCompilation.Create("Mutant", Trees.Values, References(), new CSharpCompilationOptions(
        OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Annotations)));

    /// <summary>Compiles the sources with a mutant's patches.</summary>
    /// <returns>Runs one schedule: profile, seed and totals in, the violation or null out.</returns>
    public static Func<int, int, IDictionary<string, long>, string?> Compile(Mutant mutant)
    {
        var compilation = Whole;
        foreach (var patches in mutant.Patches.GroupBy(patch => patch.File, StringComparer.Ordinal))
        {
            var tree = Trees[patches.Key];
            var text = patches.Aggregate(tree.ToString(), (source, patch) => patch.Apply(source));
            compilation = compilation.ReplaceSyntaxTree(tree, Parse(text, patches.Key));
        }

        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        if (!result.Success)
            throw new InvalidOperationException(string.Join('\n', result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Take(10)));
        image.Position = 0;
        var assembly = new AssemblyLoadContext("mutant", isCollectible: false).LoadFromStream(image);
        var run = assembly.GetType("Unstale.Tests.Model.Simulation.ScheduleRun")!.GetMethod("Run", BindingFlags.Public | BindingFlags.Static)!;
        return run.CreateDelegate<Func<int, int, IDictionary<string, long>, string?>>();
    }

    /// <summary>Removes the error messages that name types outside this compilation. One file contains all messages of the engine.</summary>
    public static CSharpCompilation WithoutOthersErrors(CSharpCompilation compilation)
    {
        var tree = compilation.SyntaxTrees.Single(static tree => tree.FilePath == Engine + "/Values/Errors.cs");
        var root = tree.GetRoot();
        var others = compilation.GetSemanticModel(tree).GetDiagnostics().Where(static d => d.Severity == DiagnosticSeverity.Error)
            .Select(d => root.FindNode(d.Location.SourceSpan).FirstAncestorOrSelf<SyntaxNode>(static node => node is UsingDirectiveSyntax || node.Parent is TypeDeclarationSyntax))
            .OfType<SyntaxNode>().Distinct();
        return compilation.ReplaceSyntaxTree(tree, tree.WithRootAndOptions(root.RemoveNodes(others, SyntaxRemoveOptions.KeepNoTrivia)!, tree.Options));
    }

    private static Dictionary<string, SyntaxTree> ReadAll()
    {
        var files = Folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs"))
            .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'));
        var trees = files.Concat(Files).ToDictionary(file => file, file => Parse(File.ReadAllText(Path.Combine(Root, file)), file), StringComparer.Ordinal);
        trees.Add("usings", Parse(Usings, "usings"));
        return trees;
    }

    private static IEnumerable<MetadataReference> References() =>
        from path in ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
        let name = Path.GetFileName(path)
        where name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal)
        select MetadataReference.CreateFromFile(path);

    private static SyntaxTree Parse(string text, string file) => CSharpSyntaxTree.ParseText(text, Language, file);
}
