using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Unstale.Analyzers.Sharing;

/// <summary>Reports a read or a set whose value is shared by all callers, and can change.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class SharedMutableValueAnalyzer() : UnstaleAnalyzer(Descriptors.SharedMutableValue)
{
    protected override void Start(CompilationStartAnalysisContext context, KnownTypes types)
    {
        var members = new MutableMembers(types);
        var known = new System.Collections.Concurrent.ConcurrentDictionary<ITypeSymbol, string>(SymbolEqualityComparer.Default);
        context.RegisterOperationAction(operation => Check(operation, types, type => known.GetOrAdd(type, one => string.Join(", ", members.Of(one)))), OperationKind.Invocation);
    }

    private static void Check(OperationAnalysisContext context, KnownTypes types, Func<ITypeSymbol, string> describe)
    {
        var call = (IInvocationOperation)context.Operation;
        var method = call.TargetMethod;
        if (!method.IsGenericMethod || !(method.ContainingType.Is(types.HybridCache) || method.ContainingType.Is(types.QueryCache)))
            return;
        for (var i = 0; i < method.TypeParameters.Length; i++)
        {
            if (method.TypeParameters[i].Name == "T" && describe(method.TypeArguments[i]) is { Length: > 0 } description)
            {
                context.ReportDiagnostic(Diagnostic.Create(
                    Descriptors.SharedMutableValue, NameOf(call.Syntax).GetLocation(), Declarations(method.TypeArguments[i]), method.TypeArguments[i].Name, description));
            }
        }
    }

    /// <summary>Name of the called method, with its type arguments: the whole call is often many lines long.</summary>
    private static SyntaxNode NameOf(SyntaxNode call) => call is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax member } ? member.Name : call;

    /// <summary>Setters that the code fix changes.</summary>
    private static IEnumerable<Location> Declarations(ITypeSymbol type) =>
        type.GetMembers().Select(MutableMembers.SetterOf).Where(static one => one is not null).SelectMany(static one => one!.Locations).Where(static one => one.IsInSource);
}
