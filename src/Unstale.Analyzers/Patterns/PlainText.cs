using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Unstale.Analyzers.Tags;

namespace Unstale.Analyzers.Patterns;

/// <summary>Decides whether a value inserted into a pattern can contain a character with a meaning.</summary>
internal static class PlainText
{
    /// <summary>Returns whether the value is constant, escaped, or of a type whose text is letters, digits, hyphens and colons.</summary>
    public static bool Is(IOperation value, string escaper) =>
        value.ConstantValue.HasValue || IsPlain(value.Type) || IsEscaped(value, escaper) || DeclaredShapes.Of(value) is { Count: 1 } declared && declared[0].IsWhole;

    private static bool IsEscaped(IOperation value, string escaper) => value is IInvocationOperation call && call.TargetMethod.Name switch
    {
        "Escape" => call.TargetMethod.ContainingType.Name == escaper,
        "ToString" => IsPlain(call.Instance?.Type),
        _ => false,
    };

    private static bool IsPlain(ITypeSymbol? type) => type switch
    {
        { TypeKind: TypeKind.Enum } => true,
        INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable => IsPlain(nullable.TypeArguments[0]),
        { SpecialType: SpecialType.System_Boolean or SpecialType.System_Byte or SpecialType.System_SByte or SpecialType.System_Int16 or SpecialType.System_UInt16
            or SpecialType.System_Int32 or SpecialType.System_UInt32 or SpecialType.System_Int64 or SpecialType.System_UInt64 } => true,
        { Name: "Guid" or "Int128" or "UInt128" or "DateOnly", ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true } } => true,
        _ => false,
    };
}
