using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Unstale.Analyzers.Tags;

/// <summary>Reads the shapes of tags from the values of arguments.</summary>
internal static class ShapeReader
{
    private static readonly TagShape Unknown = new("", isWhole: false);

    /// <summary>Returns the shape of a tag. Null if nothing constant is visible.</summary>
    public static TagShape? ShapeOf(IOperation value, KnownTypes types)
    {
        var shape = Read(value.Unwrapped(), types);
        return shape.Text.Length == 0 ? null : shape;
    }

    /// <summary>Returns the values of a list of tags. A null value is one that cannot be read.</summary>
    public static IEnumerable<IOperation?> ElementsOf(IOperation list)
    {
        list = list.Unwrapped();
        return list switch
        {
            { ConstantValue: { HasValue: true, Value: null } } or IDefaultValueOperation => [],
            ICollectionExpressionOperation collection => collection.Elements.Select(static one => one is ISpreadOperation ? null : one),
            IArrayCreationOperation { Initializer: { } values } => values.ElementValues,
            IArrayCreationOperation => [],
            IObjectCreationOperation { Initializer: { } added } => added.Initializers.Select(static one => one is IInvocationOperation { Arguments.Length: 1 } add ? add.Arguments[0].Value : null),
            _ => [null],
        };
    }

    private static TagShape Read(IOperation value, KnownTypes types) => value switch
    {
        { ConstantValue: { HasValue: true, Value: string text } } => new(text, isWhole: true),
        IInterpolatedStringOperation text => text.Parts.Aggregate(new TagShape("", isWhole: true), (shape, part) => shape.IsWhole ? shape.Then(ReadPart(part, types)) : shape),
        IBinaryOperation { OperatorKind: BinaryOperatorKind.Add } sum => Sum(sum, types),
        IInvocationOperation { TargetMethod.Name: "Of" } call when call.TargetMethod.ContainingType.Is(types.CacheKey) => Read(call.Arguments[0].Value, types).Then(new(":", isWhole: false)),
        _ => DeclaredShapes.Of(value) is { Count: 1 } declared ? declared[0] : Unknown,
    };

    private static TagShape Sum(IBinaryOperation sum, KnownTypes types)
    {
        var left = Read(sum.LeftOperand.Unwrapped(), types);
        return left.IsWhole ? left.Then(Read(sum.RightOperand.Unwrapped(), types)) : left;
    }

    private static TagShape ReadPart(IInterpolatedStringContentOperation part, KnownTypes types) => part switch
    {
        IInterpolatedStringTextOperation text => Read(text.Text, types),
        IInterpolationOperation { FormatString: null, Alignment: null } hole => Read(hole.Expression.Unwrapped(), types),
        _ => Unknown,
    };
}
