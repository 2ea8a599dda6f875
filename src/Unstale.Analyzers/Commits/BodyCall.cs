using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Unstale.Analyzers.Commits;

/// <summary>Call with a role in the order of changes and invalidations.</summary>
/// <param name="kind">Role of the call.</param>
/// <param name="name">Name of the called method.</param>
/// <param name="syntax">Call in the source.</param>
internal sealed class BodyCall(CallKind kind, string name, SyntaxNode syntax)
{
    public CallKind Kind { get; } = kind;

    public string Name { get; } = name;

    public SyntaxNode Syntax { get; } = syntax;

    /// <summary>Member, local function or lambda that contains the call.</summary>
    public SyntaxNode Function { get; } = syntax.Ancestors().FirstOrDefault(static node => node is AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax or MemberDeclarationSyntax and not GlobalStatementSyntax)
        ?? syntax.SyntaxTree.GetRoot();

    public bool IsData => Kind is CallKind.Write or CallKind.Commit;

    /// <summary>Code in which invalidations are collected, if the call begins a unit of work.</summary>
    public SyntaxNode Extent => Syntax.Ancestors().First(static node => node is UsingStatementSyntax or BlockSyntax or MemberDeclarationSyntax and not GlobalStatementSyntax or CompilationUnitSyntax);

    public bool IsBefore(BodyCall other) => Syntax.SpanStart < other.Syntax.SpanStart;
}
