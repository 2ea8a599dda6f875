namespace Unstale.Tests.Model;

/// <summary>Target of an invalidation: arguments for the cache and a condition for the model.</summary>
internal sealed record Target(
    string Name, Func<string, IReadOnlyList<string>, bool> Concerns, string? Key = null, string? Tag = null, KeyPattern? Pattern = null)
{
    public static async Task Raise(IInvalidator invalidator, IReadOnlyList<Target> targets) => await invalidator.InvalidateAsync(
        targets.Where(t => t.Key is not null).Select(t => t.Key!),
        targets.Where(t => t.Tag is not null).Select(t => t.Tag!),
        targets.Where(t => t.Pattern is not null).Select(t => t.Pattern!));
}
