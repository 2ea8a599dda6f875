using System.Runtime.CompilerServices;
using Unstale.Log;

namespace Unstale.Rules;

/// <summary>Invalidations to raise for a change.</summary>
/// <param name="Now">Invalidations raised at once: immediate, lazy, and lazy with one stale read. One for each group that has targets.</param>
/// <param name="Later">Invalidation raised at the end of the batch window; null if nothing is batched.</param>
internal sealed record ChangeRecords(List<Invalidation> Now, Invalidation? Later)
{
    /// <param name="expansion">Expansion of the change.</param>
    /// <param name="reason">Human-readable reason.</param>
    /// <param name="own">Counter of the entries invalidated by the names of the change itself.</param>
    /// <param name="longest">Maximum length of a key or tag. A longer key or tag matches no entry and is omitted.</param>
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
