using Xunit;

namespace Unstale.Tests.Analyzers;

/// <summary>UNSTALE004: a text that is inserted into a pattern without an escape.</summary>
public sealed class UnescapedPatternTests
{
    private const string Id = "UNSTALE004";

    [Theory]
    [InlineData("new GlobPattern($\"user:{[|name|]}:*\")")]
    [InlineData("new GlobPattern(\"user:\" + [|name|] + \":*\")")]
    [InlineData("new GlobPattern($\"user:{number}:{[|name.Trim()|]}:*\")")]
    [InlineData("new GlobPattern($\"{Prefix}:\" + $\"{[|name|]}:*\")")]
    [InlineData("new GlobPattern($\"user:{[|letter|]}*\")")]
    [InlineData("new GlobPattern($\"{[|CacheKey.Of(\"user\", name)|]}:*\")")]
    [InlineData("new GlobPattern($\"user:{[|System.Text.RegularExpressions.Regex.Escape(name)|]}:*\")")]
    [InlineData("new RegexPattern($\"^user:{[|name|]}$\")")]
    [InlineData("new RegexPattern($\"^user:{[|GlobPattern.Escape(name)|]}$\")")]
    public async Task A_text_without_an_escape_is_reported(string pattern)
    {
        using var project = Project(pattern);
        await project.RequireAsync(Id);
    }

    [Theory]
    [InlineData("new GlobPattern(\"user:*\")")]
    [InlineData("new GlobPattern(name)")]
    [InlineData("new GlobPattern($\"user:{GlobPattern.Escape(name)}:*\")")]
    [InlineData("new GlobPattern(\"user:\" + GlobPattern.Escape(name) + \":*\")")]
    [InlineData("new GlobPattern($\"user:{number}:{number:D4}:{id}:{day}:{number.ToString()}:{optional}*\")")]
    [InlineData("new GlobPattern($\"{Prefix}:{Start}:*\")")]
    [InlineData("new RegexPattern($\"^user:{System.Text.RegularExpressions.Regex.Escape(name)}$\")")]
    [InlineData("GlobPattern.ForSegment(\"user\", name)[0]")]
    public async Task An_escaped_text_and_a_plain_type_are_not_reported(string pattern)
    {
        using var project = Project(pattern);
        await project.RequireAsync(Id);
    }

    [Theory]
    [InlineData("var text = $\"user:{[|name|]}:*\";", "new GlobPattern(text)")]
    [InlineData("var escaped = GlobPattern.Escape(name);", "new GlobPattern($\"user:{escaped}:*\")")]
    public async Task A_local_counts_as_its_declaration(string declaration, string pattern)
    {
        using var project = Project(pattern, declaration);
        await project.RequireAsync(Id);
    }

    [Fact]
    public async Task A_pattern_of_a_channel_is_a_glob()
    {
        var channel = AnalyzedProject.Library("Unstale.Redis", """
            namespace Unstale.Redis.Channel
            {
                public sealed class InvalidationPublisher { public ValueTask<long> InvalidatePatternAsync(string pattern) => new(0); }
                public sealed class InvalidationMessage { public static object ForPattern(string pattern, string sourceService) => pattern; }
            }
            """);
        using var project = new AnalyzedProject(Microsoft.CodeAnalysis.OutputKind.DynamicallyLinkedLibrary, [channel], """
            public static class Publishing
            {
                public static async Task SendAsync(Unstale.Redis.Channel.InvalidationPublisher publisher, string name)
                {
                    await publisher.InvalidatePatternAsync($"user:{[|name|]}:*");
                    Unstale.Redis.Channel.InvalidationMessage.ForPattern($"user:{[|name|]}:*", $"service-{name}");
                }
            }
            """);
        await project.RequireAsync(Id);
    }

    [Theory]
    [InlineData("new GlobPattern($\"user:{name}:*\")", "'name' is inserted into a pattern without an escape, so wildcards in the text match other keys. Write GlobPattern.Escape(name).")]
    [InlineData("new RegexPattern($\"user:{name}:\")", "'name' is inserted into a pattern without an escape, so wildcards in the text match other keys. Write Regex.Escape(name).")]
    public async Task The_message_names_the_text_and_the_escape(string pattern, string message)
    {
        using var project = Project(pattern);
        Assert.Equal(message, Assert.Single(await project.FindAsync()).GetMessage(null));
    }

    [Theory]
    [InlineData("new GlobPattern($\"user:{name}:*\")", "new GlobPattern($\"user:{Unstale.GlobPattern.Escape(name)}:*\")")]
    [InlineData("new GlobPattern(\"user:\" + name + \":*\")", "new GlobPattern(\"user:\" + Unstale.GlobPattern.Escape(name) + \":*\")")]
    [InlineData("new RegexPattern($\"^{name}$\")", "new RegexPattern($\"^{System.Text.RegularExpressions.Regex.Escape(name)}$\")")]
    public async Task The_fix_escapes_the_text(string pattern, string escaped)
    {
        using var project = Project(pattern);
        var (code, remaining) = await project.FixAsync();
        Assert.Contains(escaped, code, StringComparison.Ordinal);
        Assert.Empty(remaining);
    }

    [Fact]
    public async Task No_fix_is_offered_for_a_value_that_is_no_string()
    {
        using var project = Project("new GlobPattern($\"user:{letter}*\")");
        Assert.Empty(await project.OfferedAsync());
    }

    private static AnalyzedProject Project(string pattern, string declaration = "") => new($$"""
        public static class Patterns
        {
            private const string Prefix = "shop";
            private static readonly string Start = "user";

            public static void Add(IServiceCollection services) => services.AddUnstale();

            public static async Task RemoveAsync(IInvalidator invalidator, string name, int number, Guid id, char letter, DayOfWeek day, long? optional)
            {
                Console.WriteLine($"{Prefix}{Start}{name}{number}{id}{letter}{day}{optional}");
                {{declaration}}
                await invalidator.InvalidatePatternAsync({{pattern}});
            }
        }
        """);
}
