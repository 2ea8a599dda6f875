using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Unstale.Analyzers.Scopes;

/// <summary>Reports a scope that its method neither completes nor hands to other code.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class UncompletedScopeAnalyzer() : UnstaleAnalyzer(Descriptors.UncompletedScope)
{
    protected override void Start(CompilationStartAnalysisContext context, KnownTypes types) => context.RegisterOperationAction(
        operation =>
        {
            var call = (IInvocationOperation)operation.Operation;
            if (call.TargetMethod.Name == "BeginScope" && call.TargetMethod.ContainingType.Is(types.Invalidator) && NameOfDropped(call.Syntax) is { } name)
                operation.ReportDiagnostic(Diagnostic.Create(Descriptors.UncompletedScope, call.Syntax.GetLocation(), name));
        },
        OperationKind.Invocation);

    /// <summary>Returns the description of a scope that is dropped. Null if the scope is completed or used by other code.</summary>
    private static string? NameOfDropped(SyntaxNode call)
    {
        while (call.Parent is ParenthesizedExpressionSyntax or PostfixUnaryExpressionSyntax)
            call = call.Parent;
        return call.Parent switch
        {
            UsingStatementSyntax or ExpressionStatementSyntax => "The scope",
            EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax { Parent.Parent: UsingStatementSyntax or LocalDeclarationStatementSyntax } local } =>
                IsUsedElsewhere(local) ? null : $"The scope '{local.Identifier.ValueText}'",
            _ => null,
        };
    }

    private static bool IsUsedElsewhere(VariableDeclaratorSyntax local)
    {
        var around = local.Ancestors().First(static node => node is UsingStatementSyntax or BlockSyntax or CompilationUnitSyntax or SwitchSectionSyntax);
        return around.DescendantNodes().OfType<IdentifierNameSyntax>().Any(use => use.Identifier.ValueText == local.Identifier.ValueText && !IsOwnMember(use));
    }

    /// <summary>Returns whether the use is another member than the completion, for example an option of the scope.</summary>
    private static bool IsOwnMember(IdentifierNameSyntax use) =>
        use.Parent is MemberAccessExpressionSyntax { Name.Identifier.ValueText: not "CompleteAsync" } member && member.Expression == use;
}
