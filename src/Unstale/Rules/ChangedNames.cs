using Unstale.Log;

namespace Unstale.Rules;

/// <summary>
/// Names by which a change triggers rules: the type of the change and all types to which the change propagates, each bare and, if the change
/// has an id, followed by <c>:id</c>.
/// </summary>
internal sealed class ChangedNames
{
    private readonly RelatedName[] _related;
    private readonly string[] _bare;
    private readonly string[] _exact;

    public ChangedNames(Change change, RelatedName[] related)
    {
        Change = change;
        _related = related;
        _bare = new string[related.Length + 1];
        _exact = change.Id is null ? [] : new string[_bare.Length];
        for (var i = 0; i < _bare.Length; i++)
            _bare[i] = i == 0 ? change.Resource : related[i - 1].Name;
        for (var i = 0; i < _exact.Length; i++)
            _exact[i] = WithId(_bare[i]);
    }

    public Change Change { get; }

    public int Count => _bare.Length + _exact.Length;

    /// <summary>Maximum level of relationships among the names.</summary>
    public int Depth => _related.Length == 0 ? 0 : _related[^1].Level;

    public string this[int index] => index < _bare.Length ? _bare[index] : _exact[index - _bare.Length];

    /// <summary>Returns the names raised as tags, according to the scope of the change.</summary>
    public List<NamedTarget> Raised()
    {
        var targets = new List<NamedTarget>(Count);
        for (var i = 0; i < _bare.Length; i++)
            Raise(targets, _bare[i], i < _exact.Length ? _exact[i] : null, i == 0 ? null : _related[i - 1].Chain);
        return targets;
    }

    /// <summary>
    /// Adds the names to which the relationships of a rule propagate the change, starting at the type of the change and at every related name that
    /// triggered the rule.
    /// </summary>
    /// <returns>Maximum level of relationships.</returns>
    public int Spread(RuleState rule, RelationshipMap relationships, List<NamedTarget> targets)
    {
        var depth = SpreadFrom(relationships.Of(Change.Resource), targets, before: null);
        for (var i = 1; i < _bare.Length; i++)
        {
            if (Sets(off: rule, i) && relationships.Of(_bare[i]) is { Length: > 0 } names)
                depth = Math.Max(depth, _related[i - 1].Level + SpreadFrom(names, targets, _related[i - 1].Chain));
        }

        return depth;
    }

    private int SpreadFrom(RelatedName[] names, List<NamedTarget> targets, string? before)
    {
        foreach (var name in names)
        {
            // The chain of a related name starts with the last type of the chain before.
            var chain = before is null ? name.Chain : before + name.Chain[name.Chain.IndexOf(" -> ", StringComparison.Ordinal)..];
            Raise(targets, name.Name, Change.Id is null ? null : WithId(name.Name), chain);
        }

        return names.Length == 0 ? 0 : names[^1].Level;
    }

    private bool Sets(RuleState off, int name) =>
        Array.IndexOf(off.Triggers, _bare[name]) >= 0 || (name < _exact.Length && Array.IndexOf(off.Triggers, _exact[name]) >= 0);

    private void Raise(List<NamedTarget> targets, string bare, string? exact, string? chain)
    {
        if (Change.Scope != ChangeScope.Entity)
            targets.Add(new(RuleTargets.TagTarget(bare), chain));
        if (exact is not null)
            targets.Add(new(InvalidationTarget.ForTag(exact), chain));
    }

    private string WithId(string name) => string.Concat(name, ":", Change.Id);
}
