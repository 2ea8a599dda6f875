using Unstale.Rules;

namespace RulesSample;

/// <summary>Priorities: the rule with the higher priority runs first, and equal ones run in the order in which they were added.</summary>
internal static class PriorityOrdering
{
    public static async Task RunAsync(TextWriter output)
    {
        var ran = new List<string>();
        await using var example = new Example(output, rules =>
        {
            Add("preferences", 10);
            Add("computed data", 50);
            Add("security", 100);
            Add("business logic", 50);

            void Add(string name, int priority) => rules.When("user").Named(name).Priority(priority).Invalidate(name).Where(_ =>
            {
                ran.Add(name);
                return true;
            });
        });

        await example.HoldAsync("permissions", "security");
        await example.HoldAsync("settings", "preferences");

        await example.Invalidator.ChangedAsync("user", 123);
        await example.SayAsync($"ran: {string.Join(", ", ran)}");
        await example.ShowAsync("user 123 was updated");

        example.Rules.Remove("preferences");
        example.Rules.Add(RuleBuilder.When("user:123").Named("one user").Priority(70).Invalidate("preferences").Build());
        await example.SayAsync($"in order: {string.Join(", ", example.Rules.Rules.Select(static rule => $"{rule.Name} {rule.Priority}"))}");
        await example.Invalidator.ChangedAsync("user", 456);
        await example.ShowAsync("user 456 was updated");
    }
}
