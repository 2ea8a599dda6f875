using System.Runtime.CompilerServices;
using Unstale.Log;

namespace Unstale.Rules;

/// <summary>What a change takes, in the form in which it is raised.</summary>
/// <param name="Now">At once, lazily, and what may be served once more: a record each, none without targets.</param>
/// <param name="Later">What waits for the end of the window; null if nothing does.</param>
internal sealed record ChangeRecords(List<Invalidation> Now, Invalidation? Later)
{
    /// <param name="expansion">What the change takes.</param>
    /// <param name="reason">Why, for people.</param>
    /// <param name="own">Counts the entries that what the change itself names takes.</param>
    /// <param name="longest">The longest key or tag of an entry: what is longer takes nothing.</param>
    public static ChangeRecords Of(Expansion expansion, string? reason, StrongBox<long> own, int longest)
    {
        var now = new List<Invalidation>(1);
        Add(Taken(static step => step.Strategy is InvalidationStrategy.Immediate or InvalidationStrategy.Cascade), RecordFlags.None);
        Add(Taken(static step => step is { Strategy: InvalidationStrategy.Lazy, ServeStaleOnce: false }), RecordFlags.Lazy);
        Add(Taken(static step => step is { Strategy: InvalidationStrategy.Lazy, ServeStaleOnce: true }), RecordFlags.Lazy | RecordFlags.ServeStaleOnce);
        return new(now, Taken(static step => step.Strategy == InvalidationStrategy.Batched));

        void Add(Invalidation? invalidation, RecordFlags flags)
        {
            if (invalidation is not null)
                now.Add(invalidation with { Flags = flags });
        }

        Invalidation? Taken(Func<RuleStep, bool> goes)
        {
            var taken = new List<(InvalidationTarget Target, TargetOrigin Origin, StrongBox<long> Counter)>();
            foreach (var step in expansion.Steps.Where(goes))
            {
                foreach (var (target, chain) in step.Targets)
                {
                    if (target.Kind is not (TargetKind.Key or TargetKind.Tag) || target.Text.Length <= longest)
                        taken.Add((target, new(step.Rule?.Rule.Name, chain), step.Rule?.Entries ?? own));
                }
            }

            return taken.Count == 0 ? null : new([.. taken.Select(one => one.Target)], reason)
            {
                Origins = [.. taken.Select(one => one.Origin)],
                Counters = [.. taken.Select(one => one.Counter)],
            };
        }
    }
}
