namespace Unstale.Rules;

/// <summary>
/// Builds one rule: <c>RuleBuilder.When("product").Invalidate("query").Build()</c>. Repeated calls that add targets, conditions or other items
/// are cumulative.
/// </summary>
public sealed class RuleBuilder
{
    private readonly List<string> _triggers;
    private readonly List<string> _tags = [];
    private readonly List<string> _keys = [];
    private readonly List<string> _globs = [];
    private readonly List<KeyPattern> _patterns = [];
    private readonly List<ChangeOperation> _operations = [];
    private readonly List<string> _fields = [];
    private readonly List<DataRelationship> _relationships = [];
    private readonly List<RuleDependency> _dependencies = [];
    private string? _name;
    private string? _description;
    private Func<Change, bool>? _condition;
    private int _priority;
    private InvalidationStrategy _strategy;
    private bool _serveStaleOnce;

    private RuleBuilder(IEnumerable<string> triggers) => _triggers = [.. triggers];

    /// <summary>Starts a rule.</summary>
    /// <param name="triggers">Triggers of the rule: <c>product</c> for every product, or <c>product:4</c> for product 4 only.</param>
    public static RuleBuilder When(params IEnumerable<string> triggers)
    {
        ArgumentNullException.ThrowIfNull(triggers);
        return new(triggers);
    }

    /// <summary>Sets the name of the rule. Default: <c>trigger+trigger -> tag+tag</c>.</summary>
    public RuleBuilder Named(string name) => With(() => _name = name);

    /// <summary>Adds tags to invalidate. Placeholders are supported: see <see cref="InvalidationRule"/>.</summary>
    public RuleBuilder Invalidate(params IEnumerable<string> tags) => With(() => _tags.AddRange(tags));

    /// <summary>Adds keys to invalidate. Placeholders are supported: see <see cref="InvalidationRule"/>.</summary>
    public RuleBuilder InvalidateKeys(params IEnumerable<string> keys) => With(() => _keys.AddRange(keys));

    /// <summary>Adds globs over keys to invalidate. Placeholders are supported: see <see cref="InvalidationRule"/>.</summary>
    public RuleBuilder InvalidateGlobs(params IEnumerable<string> globs) => With(() => _globs.AddRange(globs));

    /// <summary>Adds patterns over keys to invalidate.</summary>
    public RuleBuilder InvalidatePatterns(params IEnumerable<KeyPattern> patterns) => With(() => _patterns.AddRange(patterns));

    /// <summary>Limits the rule to these operations.</summary>
    public RuleBuilder On(params IEnumerable<ChangeOperation> operations) => With(() => _operations.AddRange(operations));

    /// <summary>Limits the rule to changes of one of these fields: <see cref="Change.Fields"/>, otherwise the list <c>fields_changed</c> of the context. A change without fields always matches.</summary>
    public RuleBuilder OnFields(params IEnumerable<string> fields) => With(() => _fields.AddRange(fields));

    /// <summary>Adds a condition. With several conditions, all must be true.</summary>
    public RuleBuilder Where(Func<Change, bool> condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var before = _condition;
        return With(() => _condition = before is null ? condition : change => before(change) && condition(change));
    }

    /// <summary>Sets the priority. Rules with a higher priority run first. Default: 0.</summary>
    public RuleBuilder Priority(int priority) => With(() => _priority = priority);

    /// <summary>Sets the strategy that determines when the targets are invalidated. Default: <see cref="InvalidationStrategy.Immediate"/>.</summary>
    public RuleBuilder Strategy(InvalidationStrategy strategy) => With(() => _strategy = strategy);

    /// <summary>Adds a relationship of this rule, one level deep.</summary>
    public RuleBuilder Relates(string from, params IEnumerable<string> to) => Relates(new DataRelationship(from, to));

    /// <summary>Adds a relationship of this rule.</summary>
    public RuleBuilder Relates(string from, IEnumerable<string> to, int depth) => Relates(new DataRelationship(from, to) { Depth = depth });

    /// <summary>Adds a relationship of this rule.</summary>
    public RuleBuilder Relates(DataRelationship relationship) => With(() => _relationships.Add(relationship));

    /// <summary>Invalidates the key together with any name the key is computed from. Placeholders are supported: see <see cref="InvalidationRule"/>.</summary>
    public RuleBuilder DependsOn(string key, params IEnumerable<string> on) => With(() => _dependencies.Add(new(key, [.. on])));

    /// <summary>
    /// Lets the next read return the old value once while the value is reloaded in the background. See <see cref="InvalidationRule.ServeStaleOnce"/>.
    /// </summary>
    public RuleBuilder ServeStaleOnce() => With(() => _serveStaleOnce = true);

    /// <summary>Sets the human-readable purpose of the rule.</summary>
    public RuleBuilder Describe(string description) => With(() => _description = description);

    /// <summary>Builds the rule.</summary>
    /// <exception cref="ArgumentException">The rule is invalid.</exception>
    public InvalidationRule Build()
    {
        var rule = new InvalidationRule
        {
            Name = _name ?? NameOfItself(),
            Triggers = [.. _triggers],
            Tags = [.. _tags],
            Keys = [.. _keys],
            Globs = [.. _globs],
            Patterns = [.. _patterns],
            Operations = [.. _operations],
            Fields = [.. _fields],
            Condition = _condition,
            Priority = _priority,
            Strategy = _strategy,
            Relationships = [.. _relationships],
            Dependencies = [.. _dependencies],
            ServeStaleOnce = _serveStaleOnce,
            Description = _description,
        };
        _ = new CompiledRule(rule);
        return rule;
    }

    private string NameOfItself()
    {
        var taken = _tags.Concat(_keys).Concat(_globs).Concat(_patterns.Select(pattern => pattern.Text))
            .Concat(_relationships.SelectMany(relationship => relationship.Targets)).Concat(_dependencies.Select(dependency => dependency.Key));
        return $"{string.Join('+', _triggers)} -> {string.Join('+', taken)}";
    }

    private RuleBuilder With(Action say)
    {
        say();
        return this;
    }
}
