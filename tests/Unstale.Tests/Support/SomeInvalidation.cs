using Unstale.Log;

namespace Unstale.Tests.Support;

/// <summary>Invalidations of given targets.</summary>
internal static class SomeInvalidation
{
    public static Invalidation Of(IEnumerable<InvalidationTarget> targets, string? reason = null) =>
        Of(targets.Select(static target => new InvalidationItem(target)), reason);

    public static Invalidation Of(IEnumerable<InvalidationItem> items, string? reason = null) => new(items.ToArray(), reason);
}
