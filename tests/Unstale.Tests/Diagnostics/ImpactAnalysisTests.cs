using Unstale.Dependencies;
using Unstale.Diagnostics;
using Unstale.Rules;
using Unstale.Tests.Rules;
using Xunit;

namespace Unstale.Tests.Diagnostics;

/// <summary>Entries that a change would invalidate, each counted for the first step that does.</summary>
public sealed class ImpactAnalysisTests
{
    private readonly DependencyGraph _dependencies = new();

    [Theory]
    [InlineData("k", "product", "Change")]
    [InlineData("k", "product query", "Change")]
    [InlineData("k", "query", "Rule")]
    [InlineData("key", "", "Rule")]
    [InlineData("made", "\0key", "Rule")]
    [InlineData("glob:1", "", "Rule")]
    [InlineData("total", "", "Dependents")]
    [InlineData("any", "\0", "Change")]
    [InlineData("other", "other", null)]
    public void An_entry_counts_for_the_first_step_that_invalidates_the_entry(string key, string names, string? step)
    {
        _dependencies.Add("total", ["product"]);
        var impact = Of(RuleBuilder.When("product").Named("r").Invalidate("query", "product").InvalidateKeys("key").InvalidateGlobs("glob:*"));
        Assert.True(impact.Count(key, names.Length == 0 ? [] : names.Split(' ')));
        var preview = impact.Preview();
        Assert.Equal(step is null ? 0 : 1, preview.Entries);
        Assert.Equal(step is null ? [] : [step], preview.Steps.Where(one => one.Entries > 0).Select(one => one.Kind.ToString()));
    }

    [Fact]
    public void The_count_of_entries_ends_above_the_limit_and_a_step_lists_the_requested_number_of_keys()
    {
        var impact = new ImpactAnalysis(RulesUnderTest.Of().Current.Evaluate(new Change("product")), _dependencies, samples: 2, limit: 3);
        Assert.True(impact.Count("a", ["product"]) && impact.Count("b", ["product"]) && impact.Count("c", ["product"]));
        Assert.False(impact.IsAbove);
        Assert.False(impact.Count("d", ["product"]));
        Assert.True(impact.IsAbove);
        Assert.Equal(["a", "b"], Assert.Single(impact.Preview().Steps).Samples);
    }

    [Fact]
    public void Dependents_are_steps_of_the_timing_of_their_targets()
    {
        _dependencies.Add("total", ["lazy"]);
        _dependencies.Add("sum", ["total"]);
        var preview = Of(RuleBuilder.When("product").Named("r").Invalidate("lazy").Strategy(InvalidationStrategy.Lazy)).Preview();
        Assert.Equal(
            [("Change", InvalidationStrategy.Immediate, "product"), ("Rule", InvalidationStrategy.Lazy, "lazy"), ("Dependents", InvalidationStrategy.Lazy, "total sum")],
            preview.Steps.Select(step => (step.Kind.ToString(), step.Strategy, string.Join(' ', step.Targets.Select(target => target.Text)))));
        Assert.Equal(2, preview.Depth);
    }

    private ImpactAnalysis Of(params RuleBuilder[] rules) => new(RulesUnderTest.Of(rules).Current.Evaluate(new Change("product"), isPreview: true), _dependencies);
}
