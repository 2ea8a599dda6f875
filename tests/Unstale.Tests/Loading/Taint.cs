namespace Unstale.Tests.Loading;

/// <summary>A way to invalidate the value under <see cref="Key"/>.</summary>
/// <param name="Name">Name for the test.</param>
/// <param name="DeclaredTags">Tags passed to the call.</param>
/// <param name="LateTags">Tags named by the factory at its end.</param>
/// <param name="RaiseAsync">Raises the invalidation.</param>
internal sealed record Taint(
    string Name, string[] DeclaredTags, string[] LateTags, Func<UnstaleCache, CancellationToken, ValueTask> RaiseAsync)
{
    public const string Key = "product:7";

    public static IReadOnlyList<Taint> All { get; } =
    [
        new("key", [], [], static (c, t) => c.RemoveAsync(Key, t)),
        new("key among others", [], [], static (c, t) => c.RemoveAsync(["a", Key, "b"], t)),
        new("declared tag", ["p7"], [], static (c, t) => c.RemoveByTagAsync("p7", t)),
        new("one of several declared tags", ["x", "p7", "y"], [], static (c, t) => c.RemoveByTagAsync(["z", "p7"], t)),
        new("late tag", [], ["p7"], static (c, t) => c.RemoveByTagAsync("p7", t)),
        new("late tag beside declared ones", ["x"], ["y", "p7"], static (c, t) => c.RemoveByTagAsync("p7", t)),
        new("change", ["product:7"], [], static async (c, t) => await c.Invalidator.ChangedAsync("product", 7, cancellationToken: t)),
        new("change of the whole resource", [], ["product"], static async (c, t) => await c.Invalidator.ChangedAsync("product", null, cancellationToken: t)),
        new("glob", [], [], static async (c, t) => await c.Invalidator.InvalidatePatternAsync(new GlobPattern("prod*:[67]"), cancellationToken: t)),
        new("regex", [], [], static async (c, t) => await c.Invalidator.InvalidatePatternAsync(new RegexPattern(@"product:\d$"), cancellationToken: t)),
        new("everything", [], [], static async (c, t) => await c.Invalidator.InvalidateEverythingAsync(cancellationToken: t)),
        new("the tag *", [], [], static (c, t) => c.RemoveByTagAsync("*", t)),
    ];

    public static Taint Named(string name) => All.Single(t => t.Name == name);

    public Task<string> ReadAsync(UnstaleCache cache, Support.GatedSource source, UnstaleEntryOptions? options = null, CancellationToken token = default) =>
        cache.GetOrCreateAsync(Key, (context, stop) => source.ReadAsync(() => Array.ForEach(LateTags, context.AddTag), stop), options, DeclaredTags, token).AsTask();
}
