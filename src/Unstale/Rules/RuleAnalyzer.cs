namespace Unstale.Rules;

/// <summary>Finds probable mistakes in a set of rules.</summary>
internal sealed class RuleAnalyzer(RuleSet rules, IReadOnlyList<DataRelationship> relationships)
{
    private const int DeepEnough = 2;
    private static readonly TimeSpan LongEnough = TimeSpan.FromMilliseconds(1);

    private readonly List<RuleWarning> _findings = [];

    public IReadOnlyList<RuleWarning> Findings(Func<string, bool>? isCarried)
    {
        FindDeep(rule: null, relationships);
        FindCycle(rule: null, relationships, []);
        foreach (var state in rules.InOrder)
        {
            FindDeep(state.Rule.Name, state.Relationships);
            FindCycle(state.Rule.Name, state.Relationships, relationships);
            FindUnused(state.Rule, isCarried);
            FindSlow(state);
            FindMissing(state);
        }

        FindOverlaps();
        return _findings;
    }

    private void Add(RuleWarningKind kind, string? rule, string message) => _findings.Add(new(kind, rule, message));

    private void FindDeep(string? rule, IEnumerable<DataRelationship> related)
    {
        foreach (var relationship in related.Where(relationship => relationship.Depth > DeepEnough))
            Add(RuleWarningKind.TooDeep, rule, $"The relationship {relationship} follows {relationship.Depth} levels; more than {DeepEnough} may invalidate too much. Lower the depth.");
    }

    private void FindCycle(string? rule, IReadOnlyCollection<DataRelationship> begin, IReadOnlyCollection<DataRelationship> goOn)
    {
        if (RelationshipCycle.Find(begin, goOn) is { } cycle)
            Add(RuleWarningKind.Cycle, rule, $"Relationships form a cycle: {string.Join(" -> ", cycle)}. Each relationship is followed once; declare one direction, or make one relationship bidirectional.");
    }

    private void FindUnused(InvalidationRule rule, Func<string, bool>? isCarried)
    {
        if (isCarried is null)
            return;
        foreach (var tag in rule.Tags.Distinct(StringComparer.Ordinal))
        {
            if (Template.Parse(tag).Fixed is { } name && name != "*" && !isCarried(name))
                Add(RuleWarningKind.UnusedTag, rule.Name, $"The rule '{rule.Name}' invalidates the tag '{name}', which no entry has now. Check the spelling of the tag.");
        }
    }

    private void FindSlow(CompiledRule state)
    {
        if (state.SlowestCondition > LongEnough)
        {
            Add(RuleWarningKind.SlowCondition, state.Rule.Name, string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"The condition of the rule '{state.Rule.Name}' took {state.SlowestCondition.TotalMilliseconds:0.0} ms in its slowest run, and every change that triggers the rule waits for the condition. Let the condition depend on the change only."));
        }
    }

    private void FindMissing(CompiledRule state)
    {
        foreach (var tag in state.Rule.Tags.Select(Template.Parse))
        {
            foreach (var place in tag.Names.Where(place => MayBeMissing(state, place)))
            {
                Add(RuleWarningKind.ValueMayBeMissing, state.Rule.Name,
                    $"The rule '{state.Rule.Name}' has the tag '{tag.Text}'; for a change without a value of '{place}' the rule invalidates everything. Add '{place}' to the Context of every change, or use a tag without this placeholder.");
            }
        }
    }

    /// <summary>
    /// Returns whether a placeholder may have no value. A placeholder named after a type receives the id of changes of this type only. <c>{id}</c> is
    /// not reported, because the caller that raises a change decides whether the change has an id.
    /// </summary>
    private bool MayBeMissing(CompiledRule state, string place) =>
        place != "id" && (rules.IsReachedByRelationship(place)
            || Array.Exists(state.Triggers, trigger => trigger != place && !trigger.StartsWith(place + ":", StringComparison.Ordinal)));

    private void FindOverlaps()
    {
        var first = new Dictionary<(string Trigger, string Tag), InvalidationRule>();
        var reported = new HashSet<(string, string)>();
        foreach (var rule in rules.InOrder.Select(state => state.Rule))
        {
            foreach (var pair in rule.Triggers.SelectMany(trigger => rule.Tags.Select(tag => (trigger, tag))))
            {
                if (first.TryAdd(pair, rule) || first[pair] == rule || !MeetIn(rule, first[pair]) || !reported.Add((rule.Name, first[pair].Name)))
                    continue;
                Add(RuleWarningKind.Overlap, rule.Name, $"The rules '{first[pair].Name}' and '{rule.Name}' both invalidate '{pair.tag}' when '{pair.trigger}' changes. Keep the tag in one of the rules.");
            }
        }
    }

    /// <summary>Returns whether one operation can trigger both rules.</summary>
    private static bool MeetIn(InvalidationRule one, InvalidationRule other) =>
        one.Operations.Count == 0 || other.Operations.Count == 0 || one.Operations.Intersect(other.Operations).Any();
}
