using Xunit;

namespace Unstale.Tests.Analyzers;

/// <summary>UNSTALE006: a scope that is never completed.</summary>
public sealed class UncompletedScopeTests
{
    private const string Id = "UNSTALE006";

    [Theory]
    [InlineData("using var scope = [|invalidator.BeginScope()|]; await invalidator.InvalidateTagAsync(\"a\");")]
    [InlineData("using (var scope = [|invalidator.BeginScope(joinsOuter: false)|]) { await invalidator.InvalidateTagAsync(\"a\"); }")]
    [InlineData("using ([|invalidator.BeginScope()|]) await invalidator.InvalidateTagAsync(\"a\");")]
    [InlineData("using var scope = [|invalidator.BeginScope()|]; scope.ReplicationLag = TimeSpan.FromSeconds(1); await invalidator.InvalidateTagAsync(\"a\");")]
    [InlineData("{ using var scope = [|invalidator.BeginScope()|]; } { using var scope = invalidator.BeginScope(); await scope.CompleteAsync(); }")]
    public async Task A_scope_without_completion_is_reported(string body)
    {
        using var project = Project(body);
        await project.RequireAsync(Id);
    }

    [Theory]
    [InlineData("using var scope = invalidator.BeginScope(); await invalidator.InvalidateTagAsync(\"a\"); await scope.CompleteAsync();")]
    [InlineData("using var scope = invalidator.BeginScope(); if (invalidator is not null) await scope.CompleteAsync();")]
    [InlineData("using var scope = invalidator.BeginScope(); await FinishAsync(scope);")]
    [InlineData("using (var scope = invalidator.BeginScope()) { Func<ValueTask<InvalidationReceipt>> end = () => scope.CompleteAsync(); await end(); }")]
    [InlineData("await FinishAsync(invalidator.BeginScope());")]
    [InlineData("_scope = invalidator.BeginScope();")]
    public async Task A_scope_that_is_completed_or_used_by_other_code_is_not_reported(string body)
    {
        using var project = Project(body);
        await project.RequireAsync(Id);
    }

    [Theory]
    [InlineData("using var work = invalidator.BeginScope();", "The scope 'work' is never completed")]
    [InlineData("using (invalidator.BeginScope()) { }", "The scope is never completed")]
    public async Task The_message_names_the_scope(string body, string start)
    {
        using var project = Project(body);
        Assert.Equal($"{start}, so all invalidations collected in the scope are dropped. Call CompleteAsync after the commit.", Assert.Single(await project.FindAsync()).GetMessage(null));
    }

    private static AnalyzedProject Project(string body) => new($$"""
        public static class Work
        {
            private static InvalidationScope? _scope;

            public static void Add(IServiceCollection services) => services.AddUnstale();

            private static async Task FinishAsync(InvalidationScope scope) => await scope.CompleteAsync();

            public static async Task RunAsync(IInvalidator invalidator)
            {
                await Task.Yield();
                Console.WriteLine(_scope);
                {{body}}
            }
        }
        """);
}
