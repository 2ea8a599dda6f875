using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using Unstale.Analyzers;
using Unstale.Analyzers.CodeFixes;
using Xunit;

namespace Unstale.Tests.Analyzers;

/// <summary>A project of a user, compiled against the built assembly of Unstale, with all rules.</summary>
internal sealed class AnalyzedProject : IDisposable
{
    private const string Usings = """
        global using System; global using System.Collections.Generic; global using System.ComponentModel; global using System.Data.Common;
        global using System.Linq; global using System.Threading; global using System.Threading.Tasks; global using System.Transactions;
        global using Microsoft.Extensions.Caching.Hybrid; global using Microsoft.Extensions.DependencyInjection;
        global using Unstale; global using Unstale.Queries; global using Unstale.Rules;
        """;

    private static readonly ImmutableArray<DiagnosticAnalyzer> Rules = [.. Exported<DiagnosticAnalyzer>(typeof(UnstaleAnalyzer))];
    private static readonly List<CodeFixProvider> Fixes = [.. Exported<CodeFixProvider>(typeof(UnstaleFix))];

    private static readonly List<MetadataReference> Platform =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Where(IsForUsers).Select(static path => MetadataReference.CreateFromFile(path))];

    private readonly AdhocWorkspace _workspace = new();
    private readonly ProjectId _project;

    /// <param name="code">Sources of the project. An expected diagnostic is around its code, as in <c>[|code|]</c>.</param>
    public AnalyzedProject(params string[] code)
        : this(OutputKind.ConsoleApplication, [], code)
    {
    }

    /// <param name="kind">Program or library.</param>
    /// <param name="references">Other projects that the project references.</param>
    /// <param name="code">Sources of the project.</param>
    public AnalyzedProject(OutputKind kind, IEnumerable<MetadataReference> references, params string[] code)
    {
        var (options, language) = (new CSharpCompilationOptions(kind, nullableContextOptions: NullableContextOptions.Enable), new CSharpParseOptions(LanguageVersion.Latest));
        var info = ProjectInfo.Create(ProjectId.CreateNewId(), VersionStamp.Default, "Users", "Users", LanguageNames.CSharp, compilationOptions: options, parseOptions: language, metadataReferences: [.. Platform, .. references]);
        _project = _workspace.AddProject(info).Id;
        _workspace.AddDocument(_project, "Usings.cs", SourceText.From(Usings));
        if (kind == OutputKind.ConsoleApplication && !code.Any(static text => text.Contains("static void Main", StringComparison.Ordinal)))
            _workspace.AddDocument(_project, "Main.cs", SourceText.From("internal static class Start { private static void Main() { } }"));
        foreach (var (text, number) in code.Select(static (text, number) => (text, number)))
            _workspace.AddDocument(_project, $"Code{number}.cs", SourceText.From(text.Replace("[|", "", StringComparison.Ordinal).Replace("|]", "", StringComparison.Ordinal)));
        Expected = [.. code.SelectMany(Marked)];
    }

    /// <summary>Code that is marked as expected.</summary>
    public IReadOnlyList<string> Expected { get; }

    public Project Project => _workspace.CurrentSolution.GetProject(_project)!;

    /// <summary>Compiles the project, which must have no error, and runs all rules.</summary>
    public Task<IReadOnlyList<Diagnostic>> FindAsync() => FindAsync(Project);

    /// <summary>Requires that one rule reports exactly the marked code, and the other rules nothing.</summary>
    public async Task RequireAsync(string id)
    {
        var found = await FindAsync();
        Assert.Equal(Expected.Select(code => (id, code)), found.Select(one => (one.Id, TextOf(one))));
    }

    /// <summary>Applies the only fix of the first diagnostic. The result must compile.</summary>
    /// <returns>Sources of the project after the fix, without indentation, and the diagnostics that remain.</returns>
    public async Task<(string Code, IReadOnlyList<Diagnostic> Remaining)> FixAsync()
    {
        var solution = Assert.Single(await OfferedAsync()) is var action
            ? Assert.Single((await action.GetOperationsAsync(TestContext.Current.CancellationToken)).OfType<ApplyChangesOperation>()).ChangedSolution
            : null;
        var project = solution!.GetProject(_project)!;
        var documents = project.Documents.Where(static one => one.Name.StartsWith("Code", StringComparison.Ordinal));
        var texts = await Task.WhenAll(documents.Select(static async one => (await one.GetTextAsync(TestContext.Current.CancellationToken)).ToString()));
        return (string.Join('\n', texts.SelectMany(static text => text.Split('\n')).Select(static line => line.Trim())), await FindAsync(project));
    }

    /// <summary>Actions that the fixes offer for the first diagnostic.</summary>
    public async Task<IReadOnlyList<CodeAction>> OfferedAsync()
    {
        var diagnostic = (await FindAsync())[0];
        var document = Project.GetDocument(diagnostic.Location.SourceTree)!;
        var actions = new List<CodeAction>();
        foreach (var fix in Fixes.Where(fix => fix.FixableDiagnosticIds.Contains(diagnostic.Id)))
            await fix.RegisterCodeFixesAsync(new CodeFixContext(document, diagnostic, (action, _) => actions.Add(action), TestContext.Current.CancellationToken));
        return actions;
    }

    public void Dispose() => _workspace.Dispose();

    /// <summary>Compiles a project, for another project to reference.</summary>
    public static MetadataReference Library(string name, string code)
    {
        var compilation = CSharpCompilation.Create(
            name, [CSharpSyntaxTree.ParseText(Usings), CSharpSyntaxTree.ParseText(code)], Platform, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        Assert.Empty(compilation.GetDiagnostics().Where(static one => one.Severity == DiagnosticSeverity.Error));
        using var image = new MemoryStream();
        Assert.True(compilation.Emit(image).Success);
        return MetadataReference.CreateFromImage(image.ToArray());
    }

    private static async Task<IReadOnlyList<Diagnostic>> FindAsync(Project project)
    {
        var compilation = (await project.GetCompilationAsync(TestContext.Current.CancellationToken))!;
        Assert.Empty(compilation.GetDiagnostics(TestContext.Current.CancellationToken).Where(static one => one.Severity == DiagnosticSeverity.Error).Select(static one => one.ToString()));
        var found = await compilation.WithAnalyzers(Rules).GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);
        return [.. found.OrderBy(static one => one.Location.SourceTree?.FilePath, StringComparer.Ordinal).ThenBy(static one => one.Location.SourceSpan.Start)];
    }

    private static string TextOf(Diagnostic diagnostic) => diagnostic.Location.SourceTree?.ToString().Substring(diagnostic.Location.SourceSpan.Start, diagnostic.Location.SourceSpan.Length) ?? diagnostic.ToString();

    private static IEnumerable<string> Marked(string code) => code.Split("[|").Skip(1).Select(static part => part[..part.IndexOf("|]", StringComparison.Ordinal)]);

    // The tests themselves reference the compiler and other libraries, which a user does not, and which use caches. The analyzed code declares the members of Entity Framework
    // Core that it calls.
    private static bool IsForUsers(string path) => Path.GetFileNameWithoutExtension(path) is var name
        && (name is "Unstale" or "netstandard" or "mscorlib" || name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Microsoft.", StringComparison.Ordinal))
        && !name.StartsWith("Microsoft.EntityFrameworkCore", StringComparison.Ordinal);

    private static IEnumerable<T> Exported<T>(Type inAssembly) =>
        inAssembly.Assembly.GetTypes().Where(static type => !type.IsAbstract && type.IsSubclassOf(typeof(T))).Select(static type => (T)Activator.CreateInstance(type)!);
}
