using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Simplification;
using Unstale.Analyzers.Patterns;

namespace Unstale.Analyzers.CodeFixes;

/// <summary>Escapes a text that is inserted into a pattern.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
internal sealed class EscapeFix() : UnstaleFix(Descriptors.UnescapedPattern)
{
    protected override CodeAction? Offer(Document document, SyntaxNode root, SyntaxNode node, Diagnostic diagnostic)
    {
        if (node is not ExpressionSyntax text || !diagnostic.Properties.TryGetValue(UnescapedPatternAnalyzer.Escaper, out var escaper) || escaper is null)
            return null;
        return Replace(document, $"Escape '{text}'", () =>
        {
            var argument = SyntaxFactory.Argument(text.WithoutTrivia());
            var escaped = SyntaxFactory.InvocationExpression(SyntaxFactory.ParseExpression($"{escaper}.Escape"), SyntaxFactory.ArgumentList(SyntaxFactory.SingletonSeparatedList(argument)));
            return root.ReplaceNode(text, escaped.WithTriviaFrom(text).WithAdditionalAnnotations(Simplifier.Annotation));
        });
    }
}
