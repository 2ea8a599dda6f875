using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Unstale.Tests.Architecture;

/// <summary>Code of the application is called through the folder Boundary and nowhere else: what it throws there changes nothing here.</summary>
public sealed class CallsOutTests
{
    private const string Logging = "Microsoft.Extensions.Logging";
    private const string Metrics = "System.Diagnostics.Metrics";

    [Fact]
    public void Loggers_are_used_through_the_guard_alone() =>
        Assert.Empty(ProductSources.Instance.Find(static (node, model) => node switch
        {
            InvocationExpressionSyntax call when Receiver(call, model) is { } type && IsUnguardedLogger(type) => $"calls {type.Name}",
            ParameterSyntax { Type: { } declared } when Of(declared, model) is { Name: "ILogger" } => "takes a logger",
            VariableDeclarationSyntax { Type: { } declared } when Of(declared, model) is { Name: "ILogger" } => "holds a logger",
            _ => null,
        }));

    [Fact]
    public void Clocks_are_used_through_the_guard_alone() =>
        Assert.Empty(ProductSources.Instance.Find(static (node, model) => node switch
        {
            MemberAccessExpressionSyntax access when IsClock(model.GetTypeInfo(access.Expression).Type) && model.GetSymbolInfo(access).Symbol is { IsStatic: false } member => member.Name,
            ArgumentSyntax argument when IsClock(model.GetTypeInfo(argument.Expression).Type) && TakesClock(argument, model) => $"hands a clock to {argument.Parent!.Parent}",
            _ => null,
        }));

    [Fact]
    public void Instruments_and_activities_are_used_through_the_guard_alone() =>
        Assert.Empty(ProductSources.Instance.Find(static (node, model) => node switch
        {
            InvocationExpressionSyntax call when Receiver(call, model) is { } type && IsListened(type) => $"calls {type.Name}",
            BaseObjectCreationExpressionSyntax made when model.GetTypeInfo(made).Type is { } type && IsListened(type) => $"makes {type.Name}",
            AssignmentExpressionSyntax { Left: MemberAccessExpressionSyntax left } when model.GetSymbolInfo(left).Symbol is { Name: "Current", ContainingType.Name: "Activity" } => "sets Activity.Current",
            UsingStatementSyntax { Expression: { } used } when model.GetTypeInfo(used).Type is { Name: "Activity" } => "disposes an Activity",
            LocalDeclarationStatementSyntax { UsingKeyword.RawKind: not 0 } used when model.GetTypeInfo(used.Declaration.Type).Type is { Name: "Activity" } => "disposes an Activity",
            _ => null,
        }));

    [Fact]
    public void Tokens_are_cancelled_through_the_guard_alone()
    {
        // Its token reaches no code of the application.
        string[] own = ["RespConnection.ConnectAsync: a source with a time limit"];
        AssertOnly(own, static (node, model) => node switch
        {
            InvocationExpressionSyntax call when model.GetSymbolInfo(call).Symbol is IMethodSymbol { ContainingType.Name: "CancellationTokenSource", Name: "Cancel" or "CancelAsync" or "CancelAfter" } method => method.Name,
            BaseObjectCreationExpressionSyntax { ArgumentList.Arguments.Count: > 0 } made when model.GetTypeInfo(made).Type is { Name: "CancellationTokenSource" } => "a source with a time limit",
            _ => null,
        });
    }

    [Fact]
    public void Delegates_of_the_application_are_called_through_the_guard_or_known_to_answer_to_their_caller() =>
        AssertOnly(KnownCalls.Delegates, static (node, model) =>
            node is InvocationExpressionSyntax call
            && model.GetSymbolInfo(call).Symbol is IMethodSymbol { MethodKind: MethodKind.DelegateInvoke }
            && ProductSources.Instance.Given.IsOne(Called(call), model)
            && !ProductSources.IsWithinCallOf(node, model, "UserCode")
                ? GivenDelegates.Bare(Called(call)).ToString()
                : null);

    [Fact]
    public void Objects_of_the_application_are_called_through_the_guard_or_known_to_answer_to_their_caller() =>
        AssertOnly(KnownCalls.Objects, static (node, model) =>
            node is InvocationExpressionSyntax or MemberAccessExpressionSyntax
            && model.GetSymbolInfo(node).Symbol is { ContainingType: { } type } member and (IMethodSymbol or IPropertySymbol)
            && KnownCalls.Interfaces.Contains(type.OriginalDefinition.Name, StringComparer.Ordinal)
            && node.Parent is not InvocationExpressionSyntax
            && !ProductSources.IsWithinCallOf(node, model, "UserCode")
                ? $"{type.Name}.{member.Name}"
                : null);

    internal static void AssertOnly(IReadOnlyCollection<string> known, Func<SyntaxNode, SemanticModel, string?> rule)
    {
        var found = ProductSources.Instance.Find(rule).ToList();
        Assert.Empty(found.Where(one => !known.Contains(one.Name, StringComparer.Ordinal)));
        Assert.Empty(known.Except(found.Select(static one => one.Name), StringComparer.Ordinal));
    }

    /// <summary>The delegate itself, also where its Invoke is called.</summary>
    private static ExpressionSyntax Called(InvocationExpressionSyntax call) => call.Expression switch
    {
        MemberBindingExpressionSyntax { Name.Identifier.Text: "Invoke" } => call.Ancestors().OfType<ConditionalAccessExpressionSyntax>().First().Expression,
        MemberAccessExpressionSyntax { Name.Identifier.Text: "Invoke" } access => access.Expression,
        var called => called,
    };

    private static ITypeSymbol? Of(TypeSyntax declared, SemanticModel model) => model.GetTypeInfo(declared).Type is { ContainingNamespace: { } space } type && space.ToDisplayString() == Logging ? type : null;

    /// <summary>What a method, also one that extends it, is called on.</summary>
    private static ITypeSymbol? Receiver(InvocationExpressionSyntax call, SemanticModel model) =>
        model.GetSymbolInfo(call).Symbol is not IMethodSymbol method ? null
        : method is { IsExtensionMethod: true, ReducedFrom.Parameters: [var extended, ..] } ? extended.Type
        : method.IsStatic ? null
        : method.ContainingType;

    private static bool IsUnguardedLogger(ITypeSymbol type) =>
        type.ContainingNamespace?.ToDisplayString() == Logging && type.Name is "ILogger" or "ILoggerFactory" or "ILoggerProvider";

    private static bool IsClock(ITypeSymbol? type) => type is { Name: "TimeProvider", ContainingNamespace.Name: "System" };

    private static bool TakesClock(ArgumentSyntax argument, SemanticModel model) =>
        argument.Parent?.Parent is { } call
        && model.GetSymbolInfo(call).Symbol is IMethodSymbol { Locations: [{ IsInMetadata: true }, ..] } method
        && method.OriginalDefinition.Parameters.Any(static parameter => IsClock(parameter.Type));

    private static bool IsListened(ITypeSymbol type) =>
        (type.ContainingNamespace?.ToDisplayString() == Metrics && type.Name is not "Measurement")
        || (type is { Name: "ActivitySource" or "Activity" } && type.ContainingNamespace?.ToDisplayString() == "System.Diagnostics");
}
