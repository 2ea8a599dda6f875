namespace RulesSample;

internal static class Topics
{
    private static readonly (string Title, Func<TextWriter, Task> RunAsync)[] All =
    [
        ("Basic invalidation", BasicInvalidation.RunAsync),
        ("Data relationships", DataRelationships.RunAsync),
        ("Batched invalidation", BatchedInvalidation.RunAsync),
        ("Cache dependencies", CacheDependencies.RunAsync),
        ("Pattern-based invalidation", PatternBasedInvalidation.RunAsync),
        ("Conditional rules", ConditionalRules.RunAsync),
        ("Priority ordering", PriorityOrdering.RunAsync),
        ("Real-world scenarios", RealWorldScenarios.RunAsync),
    ];

    public static async Task RunAsync(TextWriter output)
    {
        for (var topic = 0; topic < All.Length; topic++)
        {
            await output.WriteLineAsync($"{topic + 1}. {All[topic].Title}");
            await All[topic].RunAsync(output);
        }
    }
}
