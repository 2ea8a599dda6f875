using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;

namespace Unstale.Analyzers.CodeFixes;

/// <summary>Code fix of one rule.</summary>
/// <param name="rule">Description of the rule.</param>
internal abstract class UnstaleFix(DiagnosticDescriptor rule) : CodeFixProvider
{
    public sealed override ImmutableArray<string> FixableDiagnosticIds { get; } = [rule.Id];

    public override FixAllProvider? GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    public sealed override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        if (await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false) is not { } root)
            return;
        foreach (var diagnostic in context.Diagnostics)
        {
            var node = root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
            if (Offer(context.Document, root, node, diagnostic) is { } action)
                context.RegisterCodeFix(action, diagnostic);
        }
    }

    /// <summary>Creates the action. Returns null if the code has a shape that the fix cannot change safely.</summary>
    protected abstract CodeAction? Offer(Document document, SyntaxNode root, SyntaxNode node, Diagnostic diagnostic);

    /// <summary>Creates an action that replaces the root of the document.</summary>
    protected static CodeAction Replace(Document document, string title, Func<SyntaxNode> change) =>
        CodeAction.Create(title, _ => Task.FromResult(document.WithSyntaxRoot(change())), equivalenceKey: title);
}
