using Unstale;

namespace RulesSample;

/// <summary>Invalidation by the entity that was written: entries with its tags are removed.</summary>
internal static class BasicInvalidation
{
    public static async Task RunAsync(TextWriter output)
    {
        await using var example = new Example(output, static _ => { });
        var invalidator = example.Invalidator;

        // An entry about one user carries that user's tag; a list or a count over users carries the bare one.
        await example.HoldAsync("user:123:profile", "user:123");
        await example.HoldAsync("user:456:profile", "user:456");
        await example.HoldAsync("users:count", "user");
        await example.HoldAsync("product:prod456", "product:prod456");

        await invalidator.ChangedAsync("user", 123);
        await example.ShowAsync("user 123 was updated");

        await invalidator.ChangedAsync("user", 123, scope: ChangeScope.Entity);
        await example.ShowAsync("user 123 was updated, and no list shows it");

        await invalidator.ChangedAsync("product", "prod456", ChangeOperation.Delete);
        await example.ShowAsync("product prod456 was deleted");

        await invalidator.ChangedAsync("user", id: null);
        await example.ShowAsync("users were changed, nobody knows which");

        await invalidator.ChangedAsync("usr", 123);
        await example.ShowAsync("a name that no entry carries");
    }
}
