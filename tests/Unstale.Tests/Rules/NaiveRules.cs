using Unstale.Rules;

namespace Unstale.Tests.Rules;

/// <summary>
/// Plain reference model of rules and relationships. Each change scans all rules and relationships, and each name of a rule scans all steps
/// before.
/// </summary>
internal sealed class NaiveRules
{
    private readonly List<InvalidationRule> _rules = [];
    private readonly List<DataRelationship> _relationships = [];

    public bool Add(InvalidationRule rule)
    {
        if (_rules.Any(held => held.Name == rule.Name))
            return false;
        _rules.Add(rule);
        return true;
    }

    public bool Remove(string name) => _rules.RemoveAll(rule => rule.Name == name) > 0;

    public bool Add(DataRelationship relationship)
    {
        if (_relationships.Contains(relationship))
            return false;
        _relationships.Add(relationship);
        return true;
    }

    public bool Remove(DataRelationship relationship) => _relationships.Remove(relationship);

    /// <summary>Returns one line per invalidated name: rule, strategy and name.</summary>
    public (List<string> Ran, HashSet<string> Taken) Expand(Change change)
    {
        var related = Spread(change.Resource, _relationships, []);
        string[] types = [change.Resource, .. related];
        var steps = new List<(string By, string How, string[] Names)> { ("", "at once", Raise(types, change)) };
        foreach (var rule in _rules.OrderByDescending(rule => rule.Priority))
        {
            var setOff = types.Where(type => rule.Triggers.Contains(type) || (change.Id is not null && rule.Triggers.Contains($"{type}:{change.Id}"))).ToList();
            if (setOff.Count == 0 || (rule.Operations.Count > 0 && !rule.Operations.Contains(change.Operation)))
                continue;
            if (rule.Fields.Count > 0 && change.Fields.Count > 0 && !rule.Fields.Intersect(change.Fields).Any())
                continue;
            var own = setOff.Append(change.Resource).SelectMany(type => Spread(type, rule.Relationships, _relationships));
            string[] tags = [.. rule.Tags.Select(tag => !tag.Contains("{id}") ? tag : change.Id is null ? "*" : tag.Replace("{id}", change.Id))];
            var how = rule.Strategy switch
            {
                InvalidationStrategy.Batched => "batched",
                InvalidationStrategy.Lazy => rule.ServeStaleOnce && !tags.Contains("*") ? "once" : "lazily",
                _ => "at once",
            };
            steps.Add((rule.Name, how, [.. tags, .. Raise(own, change)]));
        }

        var taken = from number in Enumerable.Range(0, steps.Count)
                    from name in steps[number].Names
                    where !IsTakenElsewhere(steps, number, name)
                    select $"{steps[number].By} {steps[number].How} {name}";
        return ([.. steps.Skip(1).Select(step => step.By)], [.. taken]);
    }

    private static bool IsTakenElsewhere(List<(string By, string How, string[] Names)> steps, int number, string name)
    {
        var how = steps[number].How;
        for (var other = 0; other < steps.Count; other++)
        {
            var earlier = (how, steps[other].How) switch
            {
                ("at once", "at once") or ("lazily", "lazily") or ("once", "once") or ("batched", "batched") => other < number,
                (not "at once", "at once") or ("once" or "batched", "lazily") => true,
                _ => false,
            };
            if (earlier && steps[other].Names.Contains(name))
                return true;
        }

        return false;
    }

    private static string[] Raise(IEnumerable<string> types, Change change) =>
        [.. types.SelectMany(type => new[] { change.Scope == ChangeScope.Entity ? null : type, change.Id is null ? null : $"{type}:{change.Id}" }).OfType<string>()];

    /// <summary>Searches level by level and excludes only the source, not names visited before.</summary>
    private static HashSet<string> Spread(string source, IReadOnlyCollection<DataRelationship> begin, IReadOnlyCollection<DataRelationship> goOn)
    {
        var all = new HashSet<string>();
        foreach (var start in begin)
        {
            HashSet<string> level = [.. From(source, start).Except([source])];
            for (var depth = 1; depth <= start.Depth; depth++)
            {
                all.UnionWith(level);
                level = [.. level.SelectMany(name => begin.Concat(goOn).SelectMany(relationship => From(name, relationship))).Except([source])];
            }
        }

        return all;
    }

    private static IEnumerable<string> From(string name, DataRelationship relationship) =>
        (relationship.Source == name ? relationship.Targets : []).Concat(relationship.Bidirectional && relationship.Targets.Contains(name) ? [relationship.Source] : []);
}
