using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Rules;
using Unstale.Tests.Hosting;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Documentation;

/// <summary>JSON rules of docs/rules.md, loaded.</summary>
public sealed partial class RulesFromJson
{
    [Fact]
    public async Task The_rules_of_the_page_are_in_force()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs/rules.md"), TestContext.Current.CancellationToken);
        var settings = JsonSettings.OfFile(Json().Match(page).Groups["json"].Value).Root;
        await using var test = new CacheUnderTest(services: services => AddRules(services, settings));
        var rules = test.Services.GetRequiredService<InvalidationRules>();

        Assert.Equal(["user_data", "price_changes", "pages"], rules.Rules.Select(rule => rule.Name));
        Assert.Equal([InvalidationStrategy.Immediate, InvalidationStrategy.Batched, InvalidationStrategy.Immediate], rules.Rules.Select(rule => rule.Strategy));
        Assert.Equal("user -> session, preferences (2)", Assert.Single(rules.Rules[0].Relationships).ToString());
        Assert.Empty(rules.Validate(static _ => true));
    }

    private static void AddRules(IServiceCollection services, IConfiguration configuration)
    {
        services.AddUnstale()
            .AddRules(configuration.GetSection("Caching:Rules"))
            .AddCondition("is_public", change => !change.Context.ContainsKey("draft"));
    }

    [GeneratedRegex("```json\n(?<json>.*?)\n```", RegexOptions.Singleline, 1000)]
    private static partial Regex Json();
}
