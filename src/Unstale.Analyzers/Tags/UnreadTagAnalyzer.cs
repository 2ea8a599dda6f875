using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Unstale.Analyzers.Tags;

/// <summary>
/// Reports an invalidated tag that no read or set of the project carries. Other projects, and tags that are not constant, may carry any tag: with them,
/// only a tag that nearly equals a carried one is reported.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class UnreadTagAnalyzer() : UnstaleAnalyzer(Descriptors.UnreadTag, GeneratedCodeAnalysisFlags.Analyze)
{
    /// <summary>Property of a diagnostic: the constant text of the carried tag that was probably meant.</summary>
    public const string Meant = "Meant";

    protected override void Start(CompilationStartAnalysisContext context, KnownTypes types)
    {
        var uses = new TagUses(types);
        context.RegisterOperationAction(operation => uses.AddCall((IInvocationOperation)operation.Operation), OperationKind.Invocation);
        context.RegisterOperationAction(operation => AddText(operation.Operation, uses), OperationKind.Literal, OperationKind.InterpolatedString, OperationKind.FieldReference);
        context.RegisterSyntaxNodeAction(node => AddAttribute(node, uses), SyntaxKind.AttributeArgument);
        context.RegisterCompilationEndAction(end => Report(end, uses));
    }

    private static void AddText(IOperation operation, TagUses uses)
    {
        if (operation is IInterpolatedStringOperation || operation.ConstantValue is { HasValue: true, Value: string })
            uses.AddText(operation);
    }

    // Not every attribute is an operation: one of a local function is none.
    private static void AddAttribute(SyntaxNodeAnalysisContext context, TagUses uses)
    {
        foreach (var expression in context.Node.DescendantNodes().OfType<ExpressionSyntax>())
        {
            if (context.SemanticModel.GetConstantValue(expression, context.CancellationToken) is { HasValue: true, Value: string text })
                uses.AddText(new TagShape(text, isWhole: true));
        }
    }

    private static void Report(CompilationAnalysisContext context, TagUses uses)
    {
        var carried = uses.Carried.OrderBy(static one => one.Text, StringComparer.Ordinal).ToList();
        if (carried.Count == 0)
            return;
        var isPartial = new Lazy<bool>(() => uses.HasUnknown || !OtherProjects.IsProgram(context.Compilation) || OtherProjects.UseCaches(context.Compilation));
        foreach (var (shape, value) in uses.Invalidated)
        {
            if (carried.Exists(shape.MayEqual) || uses.IsWrittenElsewhere(shape))
                continue;
            var near = carried.Find(shape.IsNear);
            if (near is not null || !isPartial.Value)
                context.ReportDiagnostic(ForTag(shape, near, value));
        }
    }

    private static Diagnostic ForTag(TagShape shape, TagShape? near, IOperation value) => Diagnostic.Create(
        Descriptors.UnreadTag,
        value.Syntax.GetLocation(),
        near is null ? null : ImmutableDictionary<string, string?>.Empty.Add(Meant, near.Text),
        Written(shape),
        near is null ? "give the entries this tag, or remove the invalidation" : $"did you mean '{Written(near)}'?");

    private static string Written(TagShape shape) => shape.IsWhole ? shape.Text : shape.Text + "{...}";
}
