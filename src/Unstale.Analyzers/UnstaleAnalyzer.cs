using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Unstale.Analyzers;

/// <summary>Rule that is active only in a project that references Unstale.</summary>
/// <param name="rule">Description of the rule.</param>
/// <param name="generated">
/// Whether generated code is read. Nothing is reported there, but code generated from pages of Razor may contain the read or the registration of a
/// rule about the whole project.
/// </param>
internal abstract class UnstaleAnalyzer(DiagnosticDescriptor rule, GeneratedCodeAnalysisFlags generated = GeneratedCodeAnalysisFlags.None) : DiagnosticAnalyzer
{
    public sealed override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [rule];

    public sealed override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(generated);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            if (KnownTypes.Find(start.Compilation) is { } types)
                Start(start, types);
        });
    }

    /// <summary>Registers the actions of the rule for one compilation.</summary>
    protected abstract void Start(CompilationStartAnalysisContext context, KnownTypes types);
}
