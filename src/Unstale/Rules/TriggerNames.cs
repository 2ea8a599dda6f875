using Unstale.Log;

namespace Unstale.Rules;

/// <summary>
/// Names by which a change triggers rules: the type of the change and all types to which the change propagates, each bare and, if the change
/// has an id, followed by <c>:id</c>.
/// </summary>
internal readonly struct TriggerNames
{
    private readonly RelatedName[] _related;
    private readonly string[] _exact;

    public TriggerNames(Change change, RelatedName[] related)
    {
        Change = change;
        _related = related;
        _exact = change.Id is null ? [] : new string[related.Length + 1];
        for (var i = 0; i < _exact.Length; i++)
            _exact[i] = WithId(Bare(i));
    }

    public Change Change { get; }

    public int Count => Types + _exact.Length;

    /// <summary>Maximum level of relationships among the names.</summary>
    public int Depth => _related.Length == 0 ? 0 : _related[^1].Level;

    private int Types => _related.Length + 1;

    public string this[int index] => index < Types ? Bare(index) : _exact[index - Types];

    /// <summary>Adds the names raised as tags, according to the scope of the change.</summary>
    public void AddTo(InvalidationBuilder targets, InvalidationCause cause)
    {
        for (var i = 0; i < Types; i++)
            Add(targets, Bare(i), i < _exact.Length ? _exact[i] : null, cause, i == 0 ? null : _related[i - 1].Chain);
    }

    /// <summary>
    /// Adds the names to which the relationships of a rule propagate the change, starting at the type of the change and at every related name that
    /// triggered the rule.
    /// </summary>
    /// <returns>Maximum level of relationships.</returns>
    public int AddRelated(CompiledRule rule, RelationshipMap relationships, InvalidationBuilder targets)
    {
        var depth = AddRelated(relationships.For(Change.Resource), targets, rule.Cause, before: null);
        for (var i = 1; i < Types; i++)
        {
            if (Triggers(rule, i) && relationships.For(Bare(i)) is { Length: > 0 } names)
                depth = Math.Max(depth, _related[i - 1].Level + AddRelated(names, targets, rule.Cause, _related[i - 1].Chain));
        }

        return depth;
    }

    private int AddRelated(RelatedName[] names, InvalidationBuilder targets, InvalidationCause cause, string? before)
    {
        foreach (var name in names)
        {
            // The chain of a related name starts with the last type of the chain before.
            var chain = before is null ? name.Chain : before + name.Chain[name.Chain.IndexOf(" -> ", StringComparison.Ordinal)..];
            Add(targets, name.Name, Change.Id is null ? null : WithId(name.Name), cause, chain);
        }

        return names.Length == 0 ? 0 : names[^1].Level;
    }

    private string Bare(int index) => index == 0 ? Change.Resource : _related[index - 1].Name;

    private bool Triggers(CompiledRule rule, int name) =>
        Array.IndexOf(rule.Triggers, Bare(name)) >= 0 || (name < _exact.Length && Array.IndexOf(rule.Triggers, _exact[name]) >= 0);

    private void Add(InvalidationBuilder targets, string bare, string? exact, InvalidationCause cause, string? chain)
    {
        if (Change.Scope != ChangeScope.Entity)
            targets.Add(new(InvalidationTarget.ForTagOrAll(bare), cause, chain));
        if (exact is not null)
            targets.Add(new(InvalidationTarget.ForTag(exact), cause, chain));
    }

    private string WithId(string name) => string.Concat(name, ":", Change.Id);
}
