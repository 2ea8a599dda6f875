using System.Runtime.CompilerServices;
using Unstale.Log;

namespace Unstale.Rules;

/// <summary>Adds the keys declared to depend on the targets of an invalidation.</summary>
internal static class DependentTargets
{
    /// <param name="graph">Declared dependencies.</param>
    /// <param name="raised">Invalidation to expand. No target is added if no key depends on its targets.</param>
    /// <param name="recursive">Whether to follow all declared steps. False: only keys one declared step away, and values made from such keys.</param>
    public static Invalidation Expand(this DependencyGraph graph, Invalidation raised, bool recursive = true)
    {
        if (!recursive)
            raised = raised with { Flags = raised.Flags | RecordFlags.DirectDependents };
        if (graph.IsEmpty)
            return raised;
        var found = graph.Expand(raised.Targets);
        if (found.Count == 0)
            return raised;
        var targets = new List<InvalidationTarget>(raised.Targets);
        var origins = new List<TargetOrigin>(raised.Origins ?? new TargetOrigin[raised.Targets.Length]);
        var counters = new List<StrongBox<long>?>(raised.Counters ?? new StrongBox<long>?[raised.Targets.Length]);
        for (var i = 0; i < found.Count; i++)
        {
            var (key, _, parent, from) = found[i];
            if (parent != Dependent.Taken && !recursive)
                continue;
            var origin = origins[from];
            var chain = found.ChainOf(i);
            targets.Add(InvalidationTarget.ForKey(key));
            origins.Add(origin with { Chain = origin.Chain is null ? chain : $"{origin.Chain} -> {chain}" });
            counters.Add(counters[from]);
        }

        return raised with { Targets = [.. targets], Origins = [.. origins], Counters = [.. counters] };
    }
}
