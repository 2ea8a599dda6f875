using Unstale;
using Unstale.Rules;

namespace RulesSample;

/// <summary>Shop with a blog: rules, relationships, dependencies and placeholders together.</summary>
internal static class RealWorldScenarios
{
    public static async Task RunAsync(TextWriter output)
    {
        await using var example = new Example(output, Declare);
        var invalidator = example.Invalidator;

        await example.HoldAsync("order:9:summary", "order:9");
        await example.HoldAsync("stock:4", "inventory");
        await example.HoldAsync("invoice:9");
        await example.HoldAsync("dashboard", "statistics");
        await example.HoldAsync("permissions:123", "security");
        await example.HoldAsync("post:5");
        await example.HoldAsync("post:5:comments");
        await example.HoldAsync("user:7:posts");
        await example.HoldAsync("tag:news:posts");

        await invalidator.ChangedAsync("order", 9, ChangeOperation.Create);
        await example.ShowAsync("order 9 was placed");
        await invalidator.FlushAsync();
        await example.ShowAsync("a moment later");

        await invalidator.ChangedAsync("user", 123, fields: ["role"]);
        await example.ShowAsync("user 123 has another role");
        await invalidator.ChangedAsync("user", 123, fields: ["colour_of_the_page"]);
        await example.ShowAsync("user 123 wants another colour");

        await invalidator.ChangedAsync(new Change("post", "5") { Context = new Dictionary<string, object?> { ["author"] = 7, ["tag"] = new[] { "news", "sport" } } });
        await example.ShowAsync("post 5 of user 7 was edited");

        var statistics = example.Cache.GetStatistics().Rules;
        await example.SayAsync($"rules {statistics.Rules}, relationships {statistics.Relationships.Count}, dependencies {statistics.Dependencies}");
        foreach (var (strategy, activations) in statistics.Activations.OrderBy(static pair => pair.Key))
            await example.SayAsync($"runs of {strategy} rules: {activations}");
    }

    private static void Declare(RuleSetBuilder rules)
    {
        rules.Relate("order", "inventory", "pricing");
        rules.AddDependency("invoice:9", "order:9:summary");
        rules.When("order").Named("order_data").Priority(80).Strategy(InvalidationStrategy.Cascade).InvalidateKeys("order:{id}:summary");
        rules.When("order").Named("dashboards").Priority(20).Strategy(InvalidationStrategy.Batched).Invalidate("statistics");
        rules.When("user").Named("permissions").Priority(100).OnFields("role", "password").Invalidate("security");
        rules.When("post").Named("blog").Priority(50).InvalidateKeys("post:{post}", "user:{author}:posts", "tag:{tag}:posts").InvalidateGlobs("post:{post}:*");
    }
}
