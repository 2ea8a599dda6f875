using Unstale.Log;

namespace Unstale.Benchmarks.Rules.Changes;

/// <summary>Minimum work: look the triggers of a change up, and create one array of the targets of the change and of its rules.</summary>
internal sealed class BareRules
{
    private readonly Dictionary<string, List<string>> _tagsByTrigger = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<Change> _changes;

    public BareRules(ChangeStock stock)
    {
        _changes = stock.Changes;
        foreach (var state in stock.Set.InOrder)
        {
            foreach (var trigger in state.Rule.Triggers)
            {
                if (!_tagsByTrigger.TryGetValue(trigger, out var tags))
                    _tagsByTrigger[trigger] = tags = [];
                tags.AddRange(state.Rule.Tags);
            }
        }
    }

    public void Evaluate(int count, int thread)
    {
        for (var i = 0; i < count; i++)
        {
            if (Taken(_changes[i]).Length != ChangeStock.Matching + 2)
                throw new InvalidOperationException("Other rules ran than the three about products.");
        }
    }

    private InvalidationTarget[] Taken(Change change)
    {
        var one = $"{change.Resource}:{change.Id}";
        var taken = new List<InvalidationTarget> { InvalidationTarget.ForTag(change.Resource), InvalidationTarget.ForTag(one) };
        Add(change.Resource);
        Add(one);
        return [.. taken];

        void Add(string trigger)
        {
            if (!_tagsByTrigger.TryGetValue(trigger, out var tags))
                return;
            foreach (var tag in tags)
                taken.Add(InvalidationTarget.ForTag(tag));
        }
    }
}
