namespace Unstale.Rules;

/// <summary>Builds a set of rules, relationships and dependencies: <c>rules.When("product").Invalidate("query")</c>.</summary>
public sealed class RuleSetBuilder
{
    private readonly List<Func<InvalidationRule>> _rules = [];
    private readonly List<DataRelationship> _relationships = [];
    private readonly List<RuleDependency> _dependencies = [];

    internal RuleSetBuilder()
    {
    }

    internal IReadOnlyList<DataRelationship> Relationships => _relationships;

    internal IReadOnlyList<RuleDependency> Dependencies => _dependencies;

    /// <summary>Starts a rule and adds the rule to the set, including all later calls on the returned builder.</summary>
    /// <param name="triggers">Triggers of the rule: <c>product</c> for every product, or <c>product:4</c> for product 4 only.</param>
    public RuleBuilder When(params IEnumerable<string> triggers)
    {
        var rule = RuleBuilder.When(triggers);
        _rules.Add(rule.Build);
        return rule;
    }

    /// <summary>Adds a rule.</summary>
    public RuleSetBuilder Add(InvalidationRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        _rules.Add(() => rule);
        return this;
    }

    /// <summary>Adds a relationship that applies to every change of its source, with immediate invalidation.</summary>
    public RuleSetBuilder Relate(DataRelationship relationship)
    {
        ArgumentNullException.ThrowIfNull(relationship);
        _relationships.Add(relationship);
        return this;
    }

    /// <summary>Adds a relationship, one level deep, that applies to every change of its source, with immediate invalidation.</summary>
    public RuleSetBuilder Relate(string source, params IEnumerable<string> targets) => Relate(new DataRelationship(source, targets));

    /// <summary>Declares the names a key is computed from; see <see cref="InvalidationRules.AddDependency"/>.</summary>
    public RuleSetBuilder AddDependency(string key, params IEnumerable<string> on)
    {
        _dependencies.Add(new(key, [.. on]));
        return this;
    }

    /// <summary>Adds six rules for common names: users, forms, sessions, products with prices and calculations, widgets, jobs.</summary>
    public RuleSetBuilder AddDefaults()
    {
        foreach (var rule in DefaultRules.All)
            Add(rule);
        return this;
    }

    /// <summary>Builds the rules in their current state.</summary>
    /// <exception cref="ArgumentException">A rule is invalid.</exception>
    internal IReadOnlyList<InvalidationRule> Build() => [.. _rules.Select(rule => rule())];
}
