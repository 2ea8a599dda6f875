namespace Unstale.Rules;

/// <summary>Says rules, relationships and dependencies: <c>rules.When("product").Invalidate("query")</c>.</summary>
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

    /// <summary>Begins a rule; it is in the set, whatever is said of it afterwards.</summary>
    /// <param name="triggers">What sets it off: <c>product</c>, or <c>product:4</c> for that one alone.</param>
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

    /// <summary>Adds a relationship that holds for every change of its source, at once.</summary>
    public RuleSetBuilder Relate(DataRelationship relationship)
    {
        ArgumentNullException.ThrowIfNull(relationship);
        _relationships.Add(relationship);
        return this;
    }

    /// <summary>Adds a relationship, one level deep, that holds for every change of its source, at once.</summary>
    public RuleSetBuilder Relate(string source, params IEnumerable<string> targets) => Relate(new DataRelationship(source, targets));

    /// <summary>Says what a key is computed from; see <see cref="InvalidationRules.AddDependency"/>.</summary>
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

    /// <summary>The rules as they have been said by now.</summary>
    /// <exception cref="ArgumentException">One does not hold together.</exception>
    internal IReadOnlyList<InvalidationRule> Build() => [.. _rules.Select(rule => rule())];
}
