using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Unstale.Analyzers.Commits;

/// <summary>Order of two calls in one function, read from the statements around them.</summary>
internal static class Order
{
    /// <summary>
    /// Returns whether the execution of a statement may continue with a later statement of the same function. Two branches of one decision exclude
    /// each other, and a jump ends the statements of its block.
    /// </summary>
    public static bool MayContinueWith(this SyntaxNode first, SyntaxNode second)
    {
        var common = first.Ancestors().FirstOrDefault(node => node.Span.Contains(second.Span));
        if (common is null || first.SpanStart >= second.SpanStart || StatementOf(first) == StatementOf(second) || AreAlternatives(common, first, second))
            return false;

        var current = first;
        while (current != common)
        {
            if (JumpAfter(current, second) is { } jump)
            {
                if (TargetOf(jump) is not { } target || !common.Span.Contains(target.Span) || target.Span.Contains(second.Span))
                    return false;
                current = target;
            }

            current = current.Parent!;
        }

        return true;
    }

    private static StatementSyntax? StatementOf(SyntaxNode node) => node.FirstAncestorOrSelf<StatementSyntax>();

    private static bool AreAlternatives(SyntaxNode common, SyntaxNode first, SyntaxNode second) => common switch
    {
        IfStatementSyntax decision => decision.Statement.Span.Contains(first.Span) && decision.Else?.Span.Contains(second.Span) == true,
        SwitchStatementSyntax or SwitchExpressionSyntax => true,
        ConditionalExpressionSyntax choice => choice.WhenTrue.Span.Contains(first.Span),
        TryStatementSyntax attempt => attempt.Finally?.Span.Contains(second.Span) != true,
        _ => false,
    };

    /// <summary>Finds a jump that the statement is, or that follows in the same list before the second call.</summary>
    private static StatementSyntax? JumpAfter(SyntaxNode current, SyntaxNode second)
    {
        var statements = current.Parent switch
        {
            BlockSyntax block => block.Statements,
            SwitchSectionSyntax section => section.Statements,
            _ => default,
        };
        if (statements.Count == 0)
            return current is StatementSyntax alone && IsJump(alone) ? alone : null;
        return statements.FirstOrDefault(statement => statement.SpanStart >= current.SpanStart && statement.SpanStart < second.SpanStart && IsJump(statement));
    }

    private static bool IsJump(StatementSyntax statement) =>
        statement is ReturnStatementSyntax or ThrowStatementSyntax or BreakStatementSyntax or ContinueStatementSyntax or GotoStatementSyntax
        || (statement is YieldStatementSyntax { ReturnOrBreakKeyword.RawKind: (int)Microsoft.CodeAnalysis.CSharp.SyntaxKind.BreakKeyword });

    /// <summary>Loop or switch that a jump leaves. Null if the jump leaves the function, or its target is unknown.</summary>
    private static SyntaxNode? TargetOf(StatementSyntax jump) => jump switch
    {
        BreakStatementSyntax => jump.Ancestors().FirstOrDefault(static node => node is SwitchStatementSyntax || IsLoop(node)),
        ContinueStatementSyntax => jump.Ancestors().FirstOrDefault(IsLoop),
        _ => null,
    };

    private static bool IsLoop(SyntaxNode node) =>
        node is ForStatementSyntax or CommonForEachStatementSyntax or WhileStatementSyntax or DoStatementSyntax;
}
