using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Unstale.Analyzers.Commits;

/// <summary>Reports an invalidation that runs before the change is committed, in the same function.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class InvalidationBeforeCommitAnalyzer() : UnstaleAnalyzer(Descriptors.InvalidationBeforeCommit)
{
    protected override void Start(CompilationStartAnalysisContext context, KnownTypes types) =>
        context.RegisterOperationBlockStartAction(block =>
        {
            if (block.OwningSymbol is IMethodSymbol method && method.Parameters.Any(one => one.Type.Is(types.InvalidationScope) || one.Type.Is(types.InvalidatingTransaction)))
                return;
            var calls = new ConcurrentQueue<BodyCall>();
            block.RegisterOperationAction(operation => Record(operation.Operation, types, calls), OperationKind.Invocation, OperationKind.ObjectCreation);
            block.RegisterOperationBlockEndAction(end => Report(end, calls));
        });

    private static void Record(IOperation operation, KnownTypes types, ConcurrentQueue<BodyCall> calls)
    {
        if (operation is IInvocationOperation call && CallKinds.Of(call, types) is var kind and not CallKind.None)
            calls.Enqueue(new(kind, call.TargetMethod.Name, call.Syntax));
        if (operation is IObjectCreationOperation creation && CallKinds.Of(creation, types) is var work and not CallKind.None)
            calls.Enqueue(new(work, creation.Type!.Name, creation.Syntax));
    }

    private static void Report(OperationBlockAnalysisContext context, ConcurrentQueue<BodyCall> calls)
    {
        if (!calls.Any(static call => call.Kind is CallKind.Invalidation or CallKind.Completion) || !calls.Any(static call => call.IsData))
            return;
        var ordered = calls.OrderBy(static call => call.Syntax.SpanStart).ToList();
        foreach (var call in ordered)
        {
            if (call.Kind is CallKind.Invalidation or CallKind.Completion && !IsCollected(call, ordered) && CommitAfter(call, ordered) is { } commit)
                context.ReportDiagnostic(Diagnostic.Create(Descriptors.InvalidationBeforeCommit, call.Syntax.GetLocation(), [commit.Syntax.GetLocation()], call.Name, commit.Name));
        }
    }

    /// <summary>Returns whether an enclosing scope or transaction raises the invalidation later. A completed scope needs another one around it.</summary>
    private static bool IsCollected(BodyCall call, List<BodyCall> calls) =>
        calls.Count(work => work.Kind == CallKind.UnitOfWork && work.IsBefore(call) && work.Extent.Span.Contains(call.Syntax.Span)) > (call.Kind == CallKind.Completion ? 1 : 0);

    /// <summary>
    /// Returns the commit of the change that the invalidation is about. An invalidation after a write or a commit belongs to this earlier change, unless
    /// the write is part of a transaction that is committed later.
    /// </summary>
    private static BodyCall? CommitAfter(BodyCall invalidation, List<BodyCall> calls)
    {
        var mine = calls.FindAll(call => call.Function == invalidation.Function);
        var later = mine.FindAll(call => invalidation.Syntax.MayContinueWith(call.Syntax));
        var earlier = mine.FindLast(call => call.IsData && call.Syntax.MayContinueWith(invalidation.Syntax));
        var commit = later.Find(static call => call.Kind == CallKind.Commit);
        if (commit is not null && !later.Exists(call => call.Kind == CallKind.Begin && call.IsBefore(commit)))
            return earlier?.Kind == CallKind.Commit ? null : commit;
        return earlier is null ? later.Find(static call => call.IsData) : null;
    }
}
