using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Unstale.Tests.Support;

namespace Unstale.Tests.Architecture;

/// <summary>Sources of the product in the compiler's model, for rules about calls.</summary>
internal sealed class ProductSources
{
    private const string Usings = """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;
        global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;
        """;

    private static readonly string[] Projects = [ProductAssemblies.Engine, .. ProductAssemblies.Adapters];
    private static readonly Lazy<ProductSources> Shared = new(static () => new(Read()));

    private readonly List<(SyntaxTree Tree, SemanticModel Model)> _files;

    private ProductSources(IEnumerable<SyntaxTree> files)
    {
        var trees = files.ToList();
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(static path => !Path.GetFileName(path).StartsWith("Unstale", StringComparison.Ordinal))
            .Select(static path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create(
            "product", [.. trees, Parse(Usings, "usings")], references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        _files = trees.ConvertAll(tree => (tree, compilation.GetSemanticModel(tree)));
        Given = new(_files);
    }

    /// <summary>Parses a text in place of the product's sources.</summary>
    public static ProductSources Of(string code) => new([Parse(code, "planted")]);

    public static ProductSources Instance => Shared.Value;

    /// <summary>Delegates of the application.</summary>
    public GivenDelegates Given { get; }

    /// <summary>Applies a rule outside the exempt folder. Each finding has a file, a line, a member and a description.</summary>
    public IEnumerable<Finding> Find(Func<SyntaxNode, SemanticModel, string?> rule, string exempt = "src/Unstale/Boundary/") =>
        from file in _files
        where !file.Tree.FilePath.StartsWith(exempt, StringComparison.Ordinal)
        from node in file.Tree.GetRoot().DescendantNodes()
        let found = rule(node, file.Model)
        where found is not null
        select new Finding(file.Tree.FilePath, node.GetLocation().GetLineSpan().StartLinePosition.Line + 1, MemberOf(node), found);

    /// <summary>True if the node is in an argument of a call to one of these types, which make the call in its place.</summary>
    public static bool IsWithinCallOf(SyntaxNode node, SemanticModel model, params ReadOnlySpan<string> types)
    {
        foreach (var call in node.Ancestors().OfType<InvocationExpressionSyntax>())
        {
            if (call.ArgumentList.Span.Contains(node.Span) && model.GetSymbolInfo(call).Symbol is IMethodSymbol method && types.Contains(method.ContainingType.Name))
                return true;
        }

        return false;
    }

    private static IEnumerable<SyntaxTree> Read() =>
        from project in Projects
        from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", project), "*.cs", SearchOption.AllDirectories)
        where !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
        select Parse(File.ReadAllText(file), Name(file));

    private static SyntaxTree Parse(string text, string path) =>
        CSharpSyntaxTree.ParseText(text, CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Preview), path);

    private static string Name(string file) => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/');

    private static string MemberOf(SyntaxNode node)
    {
        var type = node.Ancestors().OfType<TypeDeclarationSyntax>().FirstOrDefault()?.Identifier.Text ?? "";
        var member = node.Ancestors().OfType<MemberDeclarationSyntax>().FirstOrDefault(static m => m is not BaseTypeDeclarationSyntax) switch
        {
            MethodDeclarationSyntax method => method.Identifier.Text,
            PropertyDeclarationSyntax property => property.Identifier.Text,
            ConstructorDeclarationSyntax => "ctor",
            BaseFieldDeclarationSyntax field => field.Declaration.Variables[0].Identifier.Text,
            _ => "",
        };
        return $"{type}.{member}";
    }

    internal sealed record Finding(string File, int Line, string Member, string What)
    {
        /// <summary>Name of the finding in a table of exceptions.</summary>
        public string Name => $"{Member}: {What}";

        public override string ToString() => $"{File}({Line}) {Name}";
    }
}
