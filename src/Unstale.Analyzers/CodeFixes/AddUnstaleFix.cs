using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Unstale.Analyzers.CodeFixes;

/// <summary>Replaces AddHybridCache by AddUnstale, which accepts the same options and has the same calls for serializers.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
internal sealed class AddUnstaleFix() : UnstaleFix(Descriptors.MissingRegistration)
{
    protected override CodeAction? Offer(Document document, SyntaxNode root, SyntaxNode node, Diagnostic diagnostic)
    {
        if (node.FirstAncestorOrSelf<InvocationExpressionSyntax>() is not { Expression: MemberAccessExpressionSyntax { Name: IdentifierNameSyntax name } } || Renamed(name.Identifier.ValueText) is not { } renamed)
            return null;
        return Replace(document, $"Call {renamed} instead", () => root.ReplaceNode(name, SyntaxFactory.IdentifierName(renamed).WithTriviaFrom(name)));
    }

    private static string? Renamed(string name) => name switch
    {
        "AddHybridCache" => "AddUnstale",
        "AddKeyedHybridCache" => "AddKeyedUnstale",
        _ => null,
    };
}
