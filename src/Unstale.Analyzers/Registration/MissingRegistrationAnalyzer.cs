using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Unstale.Analyzers.Registration;

/// <summary>
/// Reports a program that uses HybridCache and never calls AddUnstale. AddHybridCache beside AddUnstale is not reported: AddUnstale replaces the
/// registration in either order, and a log line at the start names the superfluous call.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class MissingRegistrationAnalyzer() : UnstaleAnalyzer(Descriptors.MissingRegistration, GeneratedCodeAnalysisFlags.Analyze)
{
    protected override void Start(CompilationStartAnalysisContext context, KnownTypes types)
    {
        // A library is registered by its program, and a referenced project may contain the registration of this one.
        if (!OtherProjects.IsProgram(context.Compilation) || OtherProjects.UseCaches(context.Compilation))
            return;
        var uses = new RegistrationUses(types);
        context.RegisterOperationAction(operation => uses.AddCall((IInvocationOperation)operation.Operation), OperationKind.Invocation);
        context.RegisterOperationAction(operation => uses.AddLambda((IAnonymousFunctionOperation)operation.Operation), OperationKind.AnonymousFunction);
        context.RegisterSymbolAction(symbol => uses.AddType((INamedTypeSymbol)symbol.Symbol), SymbolKind.NamedType);
        context.RegisterCompilationEndAction(end => Report(end, uses));
    }

    private static void Report(CompilationAnalysisContext context, RegistrationUses uses)
    {
        if (uses.IsRegistered)
            return;
        foreach (var call in uses.Microsofts)
            context.ReportDiagnostic(Diagnostic.Create(Descriptors.MissingRegistration, call, "'AddHybridCache' registers a cache that no invalidation of the log reaches", " instead"));
        if (uses.Microsofts.Any())
            return;
        foreach (var (user, location) in uses.Injections)
            context.ReportDiagnostic(Diagnostic.Create(Descriptors.MissingRegistration, location, $"{user} receives a HybridCache", ""));
    }
}
