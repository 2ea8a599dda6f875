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

    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly string Root = Repository.Root;
    private static readonly Dictionary<string, SyntaxTree> Trees = ReadAll();

    private static readonly Lazy<MistakeSwitch> Mistakes = new(static () => new MistakeSwitch(Trees, MutantList.All.Concat(MutantList.Rare).Select(static mutant => mutant.Patches)));
    private static readonly Lazy<byte[]> WithMistakes = new(static () => Image(Mistakes.Value.Trees));

    /// <summary>Compiles the sources with a mutant's patches.</summary>
    /// <returns>Runs one schedule: profile, seed and totals in, the violation or null out.</returns>
    public static Func<int, int, IDictionary<string, long>, string?> Compile(Mutant mutant)
    {
        var number = mutant.Patches.Count == 0 ? 0 : Mistakes.Value.NumberOf(mutant.Patches);

        // The unloading of many contexts is the likely cause of a segmentation fault of the runtime.
        var assembly = new AssemblyLoadContext("mutant", isCollectible: false)
            .LoadFromStream(new MemoryStream(number is null ? Image(MutantCompiler.WithPatches(Trees, mutant.Patches)) : WithMistakes.Value));
        if (number is { } selected)
            MistakeSwitch.Select(assembly, selected);
        var run = assembly.GetType("Unstale.Tests.Model.Simulation.ScheduleRun")!.GetMethod("Run", BindingFlags.Public | BindingFlags.Static)!;
        return run.CreateDelegate<Func<int, int, IDictionary<string, long>, string?>>();
    }

    private static byte[] Image(IEnumerable<SyntaxTree> trees) => MutantCompiler.Emit(WithoutOthersErrors(MutantCompiler.Create("Mutant", trees)));

    /// <summary>Removes the error messages that name types outside this compilation. One file contains all messages of the engine.</summary>
    private static CSharpCompilation WithoutOthersErrors(CSharpCompilation compilation)
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
        var trees = files.Concat(Files).ToDictionary(file => file, file => MutantCompiler.Parse(File.ReadAllText(Path.Combine(Root, file)), file), StringComparer.Ordinal);
        trees.Add("usings", MutantCompiler.Parse(Usings, "usings"));
        return trees;
    }
}
