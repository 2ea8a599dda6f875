using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Unstale.Tests.Architecture;

/// <summary>
/// Delegates that the application passes to the product through parameters and properties of public members, with the parameters, fields,
/// variables and properties assigned from them.
/// </summary>
internal sealed class GivenDelegates
{
    private readonly HashSet<ISymbol> _given = new(SymbolEqualityComparer.Default);
    private readonly HashSet<string> _inTuples = new(StringComparer.Ordinal);

    public GivenDelegates(IReadOnlyList<(SyntaxTree Tree, SemanticModel Model)> files)
    {
        foreach (var (tree, model) in files)
        {
            foreach (var node in tree.GetRoot().DescendantNodes())
                AddIfPublic(node, model);
        }

        for (var before = -1; before != _given.Count + _inTuples.Count;)
        {
            before = _given.Count + _inTuples.Count;
            foreach (var (tree, model) in files)
            {
                foreach (var node in tree.GetRoot().DescendantNodes())
                    HandOn(node, model);
            }
        }
    }

    /// <summary>True if the expression is a delegate of the application.</summary>
    public bool IsOne(ExpressionSyntax expression, SemanticModel model)
    {
        expression = Bare(expression);
        if (expression is BinaryExpressionSyntax { RawKind: (int)SyntaxKind.CoalesceExpression } either)
            return IsOne(either.Left, model) || IsOne(either.Right, model);
        if (expression is ConditionalExpressionSyntax choice)
            return IsOne(choice.WhenTrue, model) || IsOne(choice.WhenFalse, model);
        return model.GetSymbolInfo(expression).Symbol is { } symbol && (symbol is IFieldSymbol { ContainingType.IsTupleType: true }
            ? IsDelegate(((IFieldSymbol)symbol).Type) && _inTuples.Contains(symbol.Name)
            : _given.Contains(symbol.OriginalDefinition));
    }

    /// <summary>Returns the expression without parentheses, casts and null-forgiving operators.</summary>
    public static ExpressionSyntax Bare(ExpressionSyntax expression) => expression switch
    {
        ParenthesizedExpressionSyntax inner => Bare(inner.Expression),
        CastExpressionSyntax cast => Bare(cast.Expression),
        PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.SuppressNullableWarningExpression } sure => Bare(sure.Operand),
        _ => expression,
    };

    private static bool IsDelegate(ITypeSymbol? type) => type is { TypeKind: TypeKind.Delegate };

    private static bool IsPublic(ISymbol? symbol)
    {
        for (; symbol is not null and not INamespaceSymbol; symbol = symbol.ContainingSymbol)
        {
            if (symbol.DeclaredAccessibility is not (Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal))
                return false;
        }

        return true;
    }

    private static bool ImplementsPublic(IMethodSymbol method) => method.ContainingType.AllInterfaces.Where(IsPublic)
        .SelectMany(static type => type.GetMembers(), (type, member) => method.ContainingType.FindImplementationForInterfaceMember(member))
        .Any(implementation => SymbolEqualityComparer.Default.Equals(implementation, method));

    private void AddIfPublic(SyntaxNode node, SemanticModel model)
    {
        if (node is ParameterSyntax && model.GetDeclaredSymbol(node) is IParameterSymbol { ContainingSymbol: IMethodSymbol { MethodKind: not MethodKind.LambdaMethod } method } parameter
            && IsDelegate(parameter.Type) && (IsPublic(method) || ImplementsPublic(method)))
            _given.Add(parameter.OriginalDefinition);
        if (node is PropertyDeclarationSyntax && model.GetDeclaredSymbol(node) is IPropertySymbol { SetMethod: not null } property && IsDelegate(property.Type) && IsPublic(property))
            _given.Add(property.OriginalDefinition);
    }

    private void HandOn(SyntaxNode node, SemanticModel model)
    {
        switch (node)
        {
            case ArgumentSyntax { Parent: TupleExpressionSyntax } element when IsOne(element.Expression, model):
                _inTuples.Add(element.NameColon?.Name.Identifier.Text ?? (Bare(element.Expression) as IdentifierNameSyntax)?.Identifier.Text ?? "");
                break;
            case ArgumentSyntax argument when IsOne(argument.Expression, model) && ParameterOf(argument, model) is { Locations: [{ IsInSource: true }, ..] } parameter:
                _given.Add(parameter.OriginalDefinition);
                break;
            case AssignmentExpressionSyntax { Left: TupleExpressionSyntax left, Right: TupleExpressionSyntax right }:
                for (var i = 0; i < left.Arguments.Count; i++)
                    Assign(left.Arguments[i].Expression, right.Arguments[i].Expression, model);
                break;
            case AssignmentExpressionSyntax assignment:
                Assign(assignment.Left, assignment.Right, model);
                break;
            case EqualsValueClauseSyntax { Parent: { } declared } initial when IsOne(initial.Value, model):
                Add(model.GetDeclaredSymbol(declared));
                break;
            case ArrowExpressionClauseSyntax { Parent: PropertyDeclarationSyntax property } arrow when IsOne(arrow.Expression, model):
                Add(model.GetDeclaredSymbol(property));
                break;
            case IsPatternExpressionSyntax pattern:
                AddDesignated(pattern, pattern.Expression, model);
                break;
            case SwitchExpressionSyntax choice:
                AddDesignated(choice, choice.GoverningExpression, model);
                break;
            default:
                break;
        }
    }

    /// <summary>Adds variables that a pattern assigns from the value or one of its properties.</summary>
    private void AddDesignated(SyntaxNode pattern, ExpressionSyntax matched, SemanticModel model)
    {
        foreach (var named in pattern.DescendantNodes().OfType<SingleVariableDesignationSyntax>())
        {
            var property = named.Ancestors().OfType<SubpatternSyntax>().FirstOrDefault()?.NameColon?.Name;
            if (property is null ? IsOne(matched, model) : model.GetSymbolInfo(property).Symbol is { } symbol && _given.Contains(symbol.OriginalDefinition))
                Add(model.GetDeclaredSymbol(named));
        }
    }

    private void Assign(ExpressionSyntax left, ExpressionSyntax right, SemanticModel model)
    {
        if (IsOne(right, model))
            Add(model.GetSymbolInfo(left).Symbol);
    }

    private void Add(ISymbol? symbol)
    {
        if (symbol is not null)
            _given.Add(symbol.OriginalDefinition);
    }

    private static IParameterSymbol? ParameterOf(ArgumentSyntax argument, SemanticModel model)
    {
        if (argument.Parent is not { Parent: { } call } list || model.GetSymbolInfo(call).Symbol is not IMethodSymbol method)
            return null;
        if (argument.NameColon is { } name)
            return method.Parameters.FirstOrDefault(parameter => parameter.Name == name.Name.Identifier.Text);
        var at = ((BaseArgumentListSyntax)list).Arguments.IndexOf(argument);
        return at < method.Parameters.Length ? method.Parameters[at] : null;
    }
}
