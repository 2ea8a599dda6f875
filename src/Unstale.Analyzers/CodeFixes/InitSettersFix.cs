using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Unstale.Analyzers.CodeFixes;

/// <summary>Changes the setters of a shared type to <c>init</c>, in all files that declare the type.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
internal sealed class InitSettersFix() : UnstaleFix(Descriptors.SharedMutableValue)
{
    private const string Title = "Make the setters of the type init-only";

    // All findings of a type have the same fix.
    public override FixAllProvider? GetFixAllProvider() => null;

    protected override CodeAction? Offer(Document document, SyntaxNode root, SyntaxNode node, Diagnostic diagnostic) =>
        diagnostic.AdditionalLocations.Count == 0 ? null : CodeAction.Create(Title, token => ChangeAsync(document.Project.Solution, diagnostic.AdditionalLocations, token), Title);

    private static async Task<Solution> ChangeAsync(Solution solution, IReadOnlyList<Location> setters, CancellationToken cancellationToken)
    {
        foreach (var file in setters.GroupBy(static one => one.SourceTree!))
        {
            if (solution.GetDocument(file.Key) is not { } document || await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false) is not { } root)
                continue;
            var accessors = file.Select(one => root.FindNode(one.SourceSpan)).OfType<AccessorDeclarationSyntax>().Where(static one => one.IsKind(SyntaxKind.SetAccessorDeclaration));
            solution = solution.WithDocumentSyntaxRoot(document.Id, root.ReplaceNodes(accessors, static (setter, _) => Init(setter)));
        }

        return solution;
    }

    private static AccessorDeclarationSyntax Init(AccessorDeclarationSyntax setter) => SyntaxFactory.AccessorDeclaration(
        SyntaxKind.InitAccessorDeclaration,
        setter.AttributeLists,
        setter.Modifiers,
        SyntaxFactory.Token(SyntaxKind.InitKeyword).WithTriviaFrom(setter.Keyword),
        setter.Body,
        setter.ExpressionBody,
        setter.SemicolonToken);
}
