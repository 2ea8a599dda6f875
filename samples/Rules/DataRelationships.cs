using Unstale.Rules;

namespace RulesSample;

/// <summary>Relationships: a change spreads to related entities, over as many levels as the first relationship allows.</summary>
internal static class DataRelationships
{
    public static async Task RunAsync(TextWriter output)
    {
        await using var example = new Example(output, static rules => rules
            .Relate(new DataRelationship("user", ["session", "preferences"]) { Depth = 2 })
            .Relate("session", "navigation", "form_state"));

        await example.HoldAsync("session of 123", "session:123");
        await example.HoldAsync("session of 456", "session:456");
        await example.HoldAsync("preferences of 123", "preferences:123");
        await example.HoldAsync("navigation of 123", "navigation:123");
        await example.HoldAsync("all form states", "form_state");

        await example.Invalidator.ChangedAsync("user", 123);
        await example.ShowAsync("user 123 was updated");

        await example.Invalidator.ChangedAsync("session", 123);
        await example.ShowAsync("session 123 was updated");

        // A relationship is a value, so an equal one removes it, even while changes are raised.
        example.Rules.RemoveRelationship(new DataRelationship("user", ["session", "preferences"]) { Depth = 2 });
        example.Rules.AddRelationship(new DataRelationship("user", ["session", "preferences"]));
        await example.Invalidator.ChangedAsync("user", 123);
        await example.ShowAsync("the same with depth 1");
    }
}
