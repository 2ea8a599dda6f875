using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Unstale.Values;

/// <summary>Whether reflection returns all members of every type.</summary>
internal static class WholeReflection
{
    /// <summary>False in trimmed and natively compiled applications, and where <c>JsonSerializerIsReflectionEnabledByDefault</c> is false.</summary>
    /// <remarks>Guards the code that needs reflection: the compiler of a trimmed application reads false and removes the guarded code.</remarks>
    [FeatureGuard(typeof(RequiresUnreferencedCodeAttribute))]
    [FeatureGuard(typeof(RequiresDynamicCodeAttribute))]
    public static bool IsAvailable { get; } = JsonSerializer.IsReflectionEnabledByDefault && RuntimeFeature.IsDynamicCodeSupported;
}
