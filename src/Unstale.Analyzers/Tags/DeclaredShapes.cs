using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Unstale.Analyzers.Tags;

/// <summary>
/// Shapes of tags behind a name: a local, a readonly field, a property or a method with an expression. Read from the syntax alone, because a semantic model
/// of another file is expensive.
/// </summary>
internal static class DeclaredShapes
{
    /// <summary>Returns the shapes of one tag or of a list. Null if the declaration is not in this project, or is too complex to read.</summary>
    public static IReadOnlyList<TagShape>? Of(IOperation value)
    {
        var symbol = value.Unwrapped() switch
        {
            ILocalReferenceOperation local => local.Local,
            IFieldReferenceOperation { Field.IsReadOnly: true } field => field.Field,
            IPropertyReferenceOperation { Property: { SetMethod: null, IsVirtual: false, IsOverride: false, IsAbstract: false } } property => property.Property,
            IInvocationOperation { TargetMethod: { IsVirtual: false, IsOverride: false, IsAbstract: false } } call => call.TargetMethod,
            _ => (ISymbol?)null,
        };
        return symbol?.DeclaringSyntaxReferences.Length == 1 && ExpressionOf(symbol.DeclaringSyntaxReferences[0].GetSyntax()) is { } expression ? Read(expression) : null;
    }

    private static ExpressionSyntax? ExpressionOf(SyntaxNode declaration) => declaration switch
    {
        VariableDeclaratorSyntax variable => variable.Initializer?.Value,
        PropertyDeclarationSyntax property => property.ExpressionBody?.Expression ?? property.Initializer?.Value,
        MethodDeclarationSyntax method => method.ExpressionBody?.Expression,
        LocalFunctionStatementSyntax function => function.ExpressionBody?.Expression,
        _ => null,
    };

    private static List<TagShape>? Read(ExpressionSyntax expression)
    {
        var elements = expression switch
        {
            CollectionExpressionSyntax collection => collection.Elements.Select(static one => (one as ExpressionElementSyntax)?.Expression),
            ArrayCreationExpressionSyntax { Initializer: { } values } => values.Expressions,
            ImplicitArrayCreationExpressionSyntax array => array.Initializer.Expressions,
            BaseObjectCreationExpressionSyntax { Initializer: { } values } => values.Expressions,
            _ => [expression],
        };
        var shapes = new List<TagShape>();
        foreach (var element in elements)
        {
            if (element is null || ShapeOf(element) is not { } shape)
                return null;
            shapes.Add(shape);
        }

        return shapes;
    }

    private static TagShape? ShapeOf(ExpressionSyntax expression) => expression switch
    {
        LiteralExpressionSyntax literal when literal.IsKind(SyntaxKind.StringLiteralExpression) => new(literal.Token.ValueText, isWhole: true),
        InterpolatedStringExpressionSyntax { Contents: { Count: > 0 } parts } when parts[0] is InterpolatedStringTextSyntax text => new(text.TextToken.ValueText, parts.Count == 1),
        BinaryExpressionSyntax { RawKind: (int)SyntaxKind.AddExpression } sum when ShapeOf(sum.Left) is { } left => left.Then(ShapeOf(sum.Right)),
        ParenthesizedExpressionSyntax inner => ShapeOf(inner.Expression),
        _ => null,
    };
}
