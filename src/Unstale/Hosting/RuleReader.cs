using Microsoft.Extensions.Configuration;
using Unstale.Rules;
using Unstale.Values;

namespace Unstale.Hosting;

/// <summary>Reads one rule of the configuration. An error contains the path and the name of the rule.</summary>
internal sealed class RuleReader
{
    private static readonly string[] Keys =
    [
        "Name", "When", "Invalidate", "Operations", "Fields", "Glob", "Regex", "Keys", "Strategy", "Priority", "Relationships", "DependsOn", "Description",
        "Condition", "ServeStaleOnce",
    ];

    private readonly SectionReader _rule;
    private readonly RuleCondition[] _conditions;

    private RuleReader(IConfigurationSection section, RuleCondition[] conditions)
    {
        _rule = new SectionReader(section, section["Name"]);
        _conditions = conditions;
    }

    /// <summary>Reads the rules of a section in order, each with its own section.</summary>
    /// <exception cref="InvalidOperationException">The section or a rule is invalid.</exception>
    public static IReadOnlyList<(IConfigurationSection At, InvalidationRule Rule)> ReadAll(IConfiguration section, RuleCondition[] conditions)
    {
        if (section is IConfigurationSection named)
            RequireList(named);
        var rules = new List<(IConfigurationSection At, InvalidationRule Rule)>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var child in section.GetChildren())
        {
            var rule = new RuleReader(child, conditions).Parse();
            if (!names.Add(rule.Name))
                throw Errors.RuleRefused(child.Path, rule.Name, Errors.RuleNameTaken);
            rules.Add((child, rule));
        }

        return rules;
    }

    private static void RequireList(IConfigurationSection section)
    {
        if (!section.Exists())
            throw Errors.RuleRefused(section.Path, rule: null, Errors.NoRuleSection);
        if (!string.IsNullOrEmpty(section.Value))
            throw Errors.RuleRefused(section.Path, rule: null, Errors.NotAList);
    }

    private InvalidationRule Parse()
    {
        _rule.RequireOnly(Keys);
        var rule = RuleBuilder.When(_rule.Texts("When"))
            .Invalidate(_rule.Texts("Invalidate"))
            .InvalidateKeys(_rule.Texts("Keys"))
            .InvalidateGlobs(_rule.Texts("Glob"))
            .InvalidatePatterns(_rule.Each("Regex", static text => new RegexPattern(text)))
            .On(_rule.Choices<ChangeOperation>("Operations"))
            .OnFields(_rule.Texts("Fields"));
        if (_rule.Text("Name") is { } name)
            rule.Named(name);
        if (_rule.Text("Description") is { } description)
            rule.Describe(description);
        if (_rule.Choice<InvalidationStrategy>("Strategy") is { } strategy)
            rule.Strategy(strategy);
        if (_rule.Number("Priority") is { } priority)
            rule.Priority(priority);
        if (_rule.Text("Condition") is { } condition)
            rule.Where(ConditionOf(condition));
        if (_rule.Flag("ServeStaleOnce") ?? false)
            rule.ServeStaleOnce();
        foreach (var relationship in _rule.List("Relationships"))
            rule.Relates(RelationshipOf(relationship));
        foreach (var dependency in _rule.List("DependsOn"))
            AddDependency(rule, dependency);
        return _rule.Checked(rule.Build);
    }

    private Func<Change, bool> ConditionOf(string name) =>
        Array.FindLast(_conditions, condition => condition.Name == name)?.Holds
        ?? throw _rule.Refused("Condition", Errors.UnknownCondition(name, _conditions.Select(condition => condition.Name)));

    private static DataRelationship RelationshipOf(SectionReader section)
    {
        section.RequireOnly(["From", "To", "Type", "Depth", "Bidirectional"]);
        var (from, to) = (section.Text("From") ?? "", section.Texts("To"));
        var kind = section.Choice<RelationshipKind>("Type") ?? default;
        var bidirectional = section.Flag("Bidirectional") ?? false;
        var relationship = section.Checked(() => new DataRelationship(from, to) { Kind = kind, Bidirectional = bidirectional });
        return section.Number("Depth") is { } depth ? section.Checked(() => relationship with { Depth = depth }, "Depth") : relationship;
    }

    private static void AddDependency(RuleBuilder rule, SectionReader section)
    {
        section.RequireOnly(["Key", "On"]);
        rule.DependsOn(section.Text("Key") ?? throw section.Refused("Key", Errors.NothingThere), section.Texts("On"));
    }
}
