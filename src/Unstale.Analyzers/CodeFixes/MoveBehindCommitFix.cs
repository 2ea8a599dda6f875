using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Unstale.Analyzers.CodeFixes;

/// <summary>Moves an invalidation behind the commit, if both are statements of one block.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
internal sealed class MoveBehindCommitFix() : UnstaleFix(Descriptors.InvalidationBeforeCommit)
{
    // Two moves in one block would overlap in a batch.
    public override FixAllProvider? GetFixAllProvider() => null;

    protected override CodeAction? Offer(Document document, SyntaxNode root, SyntaxNode node, Diagnostic diagnostic)
    {
        if (node.FirstAncestorOrSelf<StatementSyntax>() is not ExpressionStatementSyntax { Parent: BlockSyntax block } invalidation || diagnostic.AdditionalLocations.Count == 0)
            return null;
        var commit = root.FindNode(diagnostic.AdditionalLocations[0].SourceSpan, getInnermostNodeForTie: true).AncestorsAndSelf().OfType<StatementSyntax>()
            .FirstOrDefault(statement => statement.Parent == block);
        if (commit is not (ExpressionStatementSyntax or LocalDeclarationStatementSyntax))
            return null;
        return Replace(document, "Move the invalidation behind the commit", () =>
        {
            var from = block.Statements.IndexOf(invalidation);
            var to = block.Statements.IndexOf(commit);
            return root.ReplaceNode(block, block.WithStatements(block.Statements.RemoveAt(from).Insert(to, invalidation)));
        });
    }
}
