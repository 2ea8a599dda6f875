using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Unstale.Tests.Architecture;

/// <summary>Rules that find calls of application code and starts of work in the caller's flow. Each returns a description, or null.</summary>
internal static class CallRules
{
    private const string Logging = "Microsoft.Extensions.Logging";
    private const string Metrics = "System.Diagnostics.Metrics";

    public static string? Logger(SyntaxNode node, SemanticModel model) => node switch
    {
        InvocationExpressionSyntax call when Receiver(call, model) is { } type && IsUnguardedLogger(type) => $"calls {type.Name}",
        ParameterSyntax { Type: { } declared } when Of(declared, model) is { Name: "ILogger" } => "takes a logger",
        VariableDeclarationSyntax { Type: { } declared } when Of(declared, model) is { Name: "ILogger" } => "holds a logger",
        _ => null,
    };

    public static string? Clock(SyntaxNode node, SemanticModel model) => node switch
    {
        MemberAccessExpressionSyntax access when IsClock(model.GetTypeInfo(access.Expression).Type) && model.GetSymbolInfo(access).Symbol is { IsStatic: false } member => member.Name,
        ArgumentSyntax argument when IsClock(model.GetTypeInfo(argument.Expression).Type) && TakesClock(argument, model) => $"hands a clock to {argument.Parent!.Parent}",
        _ => null,
    };

    public static string? Listener(SyntaxNode node, SemanticModel model) => node switch
    {
        InvocationExpressionSyntax call when Receiver(call, model) is { } type && IsListened(type) => $"calls {type.Name}",
        BaseObjectCreationExpressionSyntax made when model.GetTypeInfo(made).Type is { } type && IsListened(type) => $"makes {type.Name}",
        AssignmentExpressionSyntax { Left: MemberAccessExpressionSyntax left } when model.GetSymbolInfo(left).Symbol is { Name: "Current", ContainingType.Name: "Activity" } => "sets Activity.Current",
        UsingStatementSyntax { Expression: { } used } when model.GetTypeInfo(used).Type is { Name: "Activity" } => "disposes an Activity",
        LocalDeclarationStatementSyntax { UsingKeyword.RawKind: not 0 } used when model.GetTypeInfo(used.Declaration.Type).Type is { Name: "Activity" } => "disposes an Activity",
        _ => null,
    };

    public static string? Cancellation(SyntaxNode node, SemanticModel model) => node switch
    {
        InvocationExpressionSyntax call when model.GetSymbolInfo(call).Symbol is IMethodSymbol { ContainingType.Name: "CancellationTokenSource", Name: "Cancel" or "CancelAsync" or "CancelAfter" } method => method.Name,
        BaseObjectCreationExpressionSyntax { ArgumentList.Arguments.Count: > 0 } made when model.GetTypeInfo(made).Type is { Name: "CancellationTokenSource" } => "a source with a time limit",
        _ => null,
    };

    /// <param name="given">Delegates of the application.</param>
    public static Func<SyntaxNode, SemanticModel, string?> Delegate(GivenDelegates given) => (node, model) =>
        node is InvocationExpressionSyntax call
        && model.GetSymbolInfo(call).Symbol is IMethodSymbol { MethodKind: MethodKind.DelegateInvoke }
        && given.IsOne(Called(call), model)
        && !ProductSources.IsWithinCallOf(node, model, "UserCode")
            ? GivenDelegates.Bare(Called(call)).ToString()
            : null;

    public static string? Implementation(SyntaxNode node, SemanticModel model) =>
        node is InvocationExpressionSyntax or MemberAccessExpressionSyntax
        && model.GetSymbolInfo(node).Symbol is { ContainingType: { } type } member and (IMethodSymbol or IPropertySymbol)
        && KnownCalls.Interfaces.Contains(type.OriginalDefinition.Name, StringComparer.Ordinal)
        && node.Parent is not InvocationExpressionSyntax
        && !ProductSources.IsWithinCallOf(node, model, "UserCode")
            ? $"{type.Name}.{member.Name}"
            : null;

    /// <summary>Finds calls that capture the caller's execution context.</summary>
    public static string? Capture(SyntaxNode node, SemanticModel model) =>
        Captures(node, model) is { } found && !ProductSources.IsWithinCallOf(node, model, "WithoutExecutionContext") ? found : null;

    private static string? Captures(SyntaxNode node, SemanticModel model) => node switch
    {
        InvocationExpressionSyntax call when model.GetSymbolInfo(call).Symbol is IMethodSymbol method => (method.ContainingType.Name, method.Name) switch
        {
            ("Task", "Run") or ("TaskFactory", "StartNew") or ("Task", "ContinueWith") => $"{method.ContainingType.Name}.{method.Name}",
            ("ThreadPool", "QueueUserWorkItem" or "RegisterWaitForSingleObject") => method.Name,
            ("CancellationToken", "Register") => "Register",
            ("ChangeToken" or "IChangeToken", "OnChange" or "RegisterChangeCallback") => method.Name,
            ("ExecutionContext", "SuppressFlow") => method.Name,
            ("TimeProvider", "CreateTimer") => method.Name,
            _ => null,
        },
        BaseObjectCreationExpressionSyntax made when model.GetTypeInfo(made).Type is { Name: "Thread" or "Timer" or "PeriodicTimer" } type => $"new {type.Name}",

        // A task that nobody awaits.
        AssignmentExpressionSyntax { Left: IdentifierNameSyntax { Identifier.Text: "_" }, Right: InvocationExpressionSyntax call } when model.GetTypeInfo(call).Type is { Name: "Task" or "ValueTask" }
            && model.GetSymbolInfo(call).Symbol is IMethodSymbol { ContainingType.Name: not "WithoutExecutionContext" } method => $"_ = {method.Name}",
        _ => null,
    };

    /// <summary>Returns the called delegate, also for a call of Invoke.</summary>
    private static ExpressionSyntax Called(InvocationExpressionSyntax call) => call.Expression switch
    {
        MemberBindingExpressionSyntax { Name.Identifier.Text: "Invoke" } => call.Ancestors().OfType<ConditionalAccessExpressionSyntax>().First().Expression,
        MemberAccessExpressionSyntax { Name.Identifier.Text: "Invoke" } access => access.Expression,
        var called => called,
    };

    private static ITypeSymbol? Of(TypeSyntax declared, SemanticModel model) => model.GetTypeInfo(declared).Type is { ContainingNamespace: { } space } type && space.ToDisplayString() == Logging ? type : null;

    /// <summary>Returns the type that an instance or extension method is called on.</summary>
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
