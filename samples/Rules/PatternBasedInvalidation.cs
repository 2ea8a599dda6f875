using Unstale;

namespace RulesSample;

/// <summary>Patterns: for keys whose names contain the entity.</summary>
internal static class PatternBasedInvalidation
{
    public static async Task RunAsync(TextWriter output)
    {
        await using var example = new Example(output, static rules =>
        {
            rules.When("user").InvalidateGlobs("user:{id}:session:*");
            rules.When("login_policy").InvalidatePatterns(new RegexPattern(@"user:\d+:session:"));
        });

        await example.HoldAsync("user:123:session:phone");
        await example.HoldAsync("user:1234:session:phone");
        await example.HoldAsync("user:anna:session:phone");

        await example.Invalidator.ChangedAsync("user", 123);
        await example.ShowAsync("user 123 was updated");

        await example.Invalidator.ChangedAsync("user", "*");
        await example.ShowAsync("a user whose id is a star was updated");

        await example.Invalidator.ChangedAsync("login_policy", id: null);
        await example.ShowAsync("the login policy was changed");

        await example.Invalidator.InvalidatePatternAsync(new GlobPattern("user:*:session:phone"));
        await example.ShowAsync("a pattern without a rule");
    }
}
