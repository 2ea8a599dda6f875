using System.Runtime.CompilerServices;
using Unstale.Log;

namespace Unstale.Rules;

/// <summary>Adds to an invalidation the keys that were declared to depend on what it names.</summary>
internal static class DependentTargets
{
    /// <param name="graph">What was declared.</param>
    /// <param name="raised">What is raised; returned as it is if nothing depends on it.</param>
    /// <param name="recursive">False: only keys that are one declared step away, and values that were made from those.</param>
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
