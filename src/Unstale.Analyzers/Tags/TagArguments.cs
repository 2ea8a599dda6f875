using Microsoft.CodeAnalysis.Operations;

namespace Unstale.Analyzers.Tags;

/// <summary>Arguments of calls that contain tags.</summary>
internal static class TagArguments
{
    /// <summary>Returns the arguments with tags that the call invalidates.</summary>
    public static IEnumerable<IArgumentOperation> Invalidated(IInvocationOperation call, KnownTypes types) =>
        IsInvalidation(call, types) ? call.Arguments.Where(static one => one.Parameter?.Name is "tag" or "tags" or "allOf") : [];

    /// <summary>Returns the arguments with tags that entries carry after the call.</summary>
    public static IEnumerable<IArgumentOperation> Carried(IInvocationOperation call, KnownTypes types) =>
        IsRead(call, types) ? call.Arguments.Where(static one => one.Parameter?.Name is "tag" or "tags" or "tagsOf") : [];

    private static bool IsInvalidation(IInvocationOperation call, KnownTypes types)
    {
        var type = call.TargetMethod.ContainingType;
        return call.TargetMethod.Name switch
        {
            "InvalidateTagAsync" or "InvalidateAsync" or "InvalidateLater" => type.Is(types.Invalidator),
            "RemoveByTagAsync" => type.Is(types.HybridCache),
            "Tags" => type.Is(types.InvalidationSet),
            _ => false,
        };
    }

    private static bool IsRead(IInvocationOperation call, KnownTypes types)
    {
        var type = call.TargetMethod.ContainingType;
        return call.TargetMethod.Name switch
        {
            "AddTag" => type.Is(types.LoadContext),
            "RemoveByTagAsync" => false,
            _ => type.Is(types.HybridCache),
        };
    }
}
