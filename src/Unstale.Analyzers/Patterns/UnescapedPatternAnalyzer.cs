using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Unstale.Analyzers.Patterns;

/// <summary>
/// Reports a text that is inserted into a pattern without an escape. A pattern that is a single variable is a pattern by intention, and not reported.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class UnescapedPatternAnalyzer() : UnstaleAnalyzer(Descriptors.UnescapedPattern)
{
    private const string Glob = "GlobPattern";
    private const string Regex = "Regex";

    private static readonly Dictionary<string, ImmutableDictionary<string, string?>> Properties = new(StringComparer.Ordinal)
    {
        [Glob] = ImmutableDictionary<string, string?>.Empty.Add(Escaper, "Unstale.GlobPattern"),
        [Regex] = ImmutableDictionary<string, string?>.Empty.Add(Escaper, "System.Text.RegularExpressions.Regex"),
    };

    /// <summary>Property of a diagnostic: the full name of the type with the escape. Present for a string, which needs no conversion.</summary>
    public const string Escaper = "Escaper";

    protected override void Start(CompilationStartAnalysisContext context, KnownTypes types)
    {
        context.RegisterOperationAction(operation => CheckCreation(operation, types), OperationKind.ObjectCreation);
        context.RegisterOperationAction(operation => CheckCall(operation, types), OperationKind.Invocation);
    }

    private static void CheckCreation(OperationAnalysisContext context, KnownTypes types)
    {
        var creation = (IObjectCreationOperation)context.Operation;
        if (creation.Arguments.Length == 1 && (creation.Type.Is(types.GlobPattern) || creation.Type.Is(types.RegexPattern)))
            Check(context, creation.Arguments[0].Value, creation.Type.Is(types.RegexPattern) ? Regex : Glob);
    }

    // The channel's patterns are texts with the syntax of a glob.
    private static void CheckCall(OperationAnalysisContext context, KnownTypes types)
    {
        var call = (IInvocationOperation)context.Operation;
        if (call.TargetMethod.Name is not ("InvalidatePatternAsync" or "Pattern" or "ForPattern"))
            return;
        var type = call.TargetMethod.ContainingType;
        if ((type.Is(types.Publisher) || type.Is(types.Message)) && call.Arguments.FirstOrDefault(static one => one.Parameter?.Name == "pattern") is { } pattern)
            Check(context, pattern.Value, Glob);
    }

    private static void Check(OperationAnalysisContext context, IOperation text, string escaper)
    {
        foreach (var hole in Holes(Resolved(text)))
        {
            if (!PlainText.Is(hole, escaper) && !PlainText.Is(Resolved(hole), escaper))
                context.ReportDiagnostic(Diagnostic.Create(Descriptors.UnescapedPattern, hole.Syntax.GetLocation(), hole.Type?.SpecialType == SpecialType.System_String ? Properties[escaper] : null, hole.Syntax.ToString(), escaper));
        }
    }

    /// <summary>Values between the constant parts of a text. Empty if the text is not composed.</summary>
    private static IEnumerable<IOperation> Holes(IOperation text) => text switch
    {
        { ConstantValue.HasValue: true } => [],
        IInterpolatedStringOperation interpolated => interpolated.Parts.OfType<IInterpolationOperation>().Select(static hole => hole.Expression.Unwrapped()),
        IBinaryOperation { OperatorKind: BinaryOperatorKind.Add } sum => Terms(sum.LeftOperand).Concat(Terms(sum.RightOperand)),
        _ => [],
    };

    private static IEnumerable<IOperation> Terms(IOperation operand)
    {
        operand = operand.Unwrapped();
        return operand is IInterpolatedStringOperation or IBinaryOperation { OperatorKind: BinaryOperatorKind.Add } ? Holes(operand) : [operand];
    }

    /// <summary>Returns the value of a local from its declaration, or the operation itself.</summary>
    private static IOperation Resolved(IOperation value)
    {
        value = value.Unwrapped();
        return value is ILocalReferenceOperation { Local.DeclaringSyntaxReferences: { Length: 1 } declarations }
            && declarations[0].GetSyntax() is VariableDeclaratorSyntax { Initializer.Value: { } initializer }
            ? value.SemanticModel!.GetOperation(initializer)?.Unwrapped() ?? value
            : value;
    }
}
