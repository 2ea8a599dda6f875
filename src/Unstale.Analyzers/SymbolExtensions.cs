using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Unstale.Analyzers;

/// <summary>Relations between types, and values behind conversions.</summary>
internal static class SymbolExtensions
{
    /// <summary>Returns whether a type is another type, derives from it or implements it.</summary>
    public static bool Is(this ITypeSymbol? type, INamedTypeSymbol? other)
    {
        if (other is null)
            return false;
        if (other.TypeKind == TypeKind.Interface && type is not null && type.AllInterfaces.Contains(other, SymbolEqualityComparer.Default))
            return true;
        for (var current = type; current is not null; current = current.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(current.OriginalDefinition, other))
                return true;
        }

        return false;
    }

    public static bool IsAny(this ITypeSymbol? type, IReadOnlyList<INamedTypeSymbol> others)
    {
        foreach (var other in others)
        {
            if (type.Is(other))
                return true;
        }

        return false;
    }

    /// <summary>Removes conversions and parentheses.</summary>
    public static IOperation Unwrapped(this IOperation operation)
    {
        while (operation is IConversionOperation or IParenthesizedOperation)
            operation = operation is IConversionOperation conversion ? conversion.Operand : ((IParenthesizedOperation)operation).Operand;
        return operation;
    }

    /// <summary>Returns the type that a method is called on. An extension method is called on its first argument.</summary>
    public static ITypeSymbol? Receiver(this IInvocationOperation call) =>
        call.Instance?.Type ?? (call.TargetMethod.IsExtensionMethod && call.Arguments.Length > 0 ? call.Arguments[0].Value.Unwrapped().Type : null);
}
