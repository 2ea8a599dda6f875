using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Unstale.Analyzers.Tags;

namespace Unstale.Analyzers.CodeFixes;

/// <summary>Replaces the constant text of an invalidated tag by the text that a read carries.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
internal sealed class CorrectTagFix() : UnstaleFix(Descriptors.UnreadTag)
{
    protected override CodeAction? Offer(Document document, SyntaxNode root, SyntaxNode node, Diagnostic diagnostic)
    {
        if (!diagnostic.Properties.TryGetValue(UnreadTagAnalyzer.Meant, out var meant) || meant is null)
            return null;
        var title = $"Change the tag to '{meant}'";
        return node switch
        {
            LiteralExpressionSyntax literal => Replace(document, title, () => root.ReplaceNode(
                literal, SyntaxFactory.LiteralExpression(SyntaxKind.StringLiteralExpression, SyntaxFactory.Literal(meant)).WithTriviaFrom(literal))),
            InterpolatedStringExpressionSyntax { Contents: { Count: > 0 } parts } when parts[0] is InterpolatedStringTextSyntax text && IsVerbatim(text, meant) =>
                Replace(document, title, () => root.ReplaceToken(
                    text.TextToken, SyntaxFactory.Token(default, SyntaxKind.InterpolatedStringTextToken, meant, meant, default))),
            _ => null,
        };
    }

    // A text with an escape would need another form in each kind of interpolated string.
    private static bool IsVerbatim(InterpolatedStringTextSyntax text, string meant) =>
        text.TextToken.Text == text.TextToken.ValueText && meant.IndexOfAny(['"', '\\', '{', '}']) < 0;
}
