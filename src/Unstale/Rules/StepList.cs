using System.Runtime.InteropServices;
using Unstale.Log;

namespace Unstale.Rules;

/// <summary>
/// Collects steps and leaves each target to the first of those that take it earliest: at once before lazily, and lazily before in a
/// window. Serving an old value once and waiting in a window do not cover one another: each may serve what the other forbids.
/// </summary>
internal sealed class StepList
{
    private readonly List<(RuleState? Rule, List<NamedTarget> Targets, int Missing, Taken How)> _steps = [];

    [Flags]
    private enum Taken
    {
        No = 0,
        Batched = 1,
        Once = 2,
        Lazily = 4,
        AtOnce = 8,
    }

    public void Add(RuleState? rule, List<NamedTarget> targets, int missing) => _steps.Add((rule, targets, missing, HowTaken(rule, targets)));

    public Expansion ToExpansion(int depth)
    {
        if (_steps.Count > 1)
            LeaveToTheEarliest();
        var steps = new RuleStep[_steps.Count];
        var all = 0;
        for (var i = 0; i < steps.Length; i++)
        {
            var (rule, targets, missing, how) = _steps[i];
            steps[i] = new(rule, rule?.Rule.Strategy ?? InvalidationStrategy.Immediate, how == Taken.Once, targets, missing);
            all += missing;
        }

        return new(steps, depth, all);
    }

    private void LeaveToTheEarliest()
    {
        var taken = new Dictionary<InvalidationTarget, Taken>();
        // In this order, what has been taken earlier has been taken by the time it is asked for.
        foreach (var how in (ReadOnlySpan<Taken>)[Taken.AtOnce, Taken.Lazily, Taken.Batched, Taken.Once])
        {
            foreach (var step in _steps)
            {
                if (step.How == how)
                    Claim(taken, step.Targets, how);
            }
        }
    }

    /// <summary>Keeps in the list what nobody has taken as early.</summary>
    private static void Claim(Dictionary<InvalidationTarget, Taken> taken, List<NamedTarget> targets, Taken how)
    {
        var kept = 0;
        foreach (var named in CollectionsMarshal.AsSpan(targets))
        {
            ref var before = ref CollectionsMarshal.GetValueRefOrAddDefault(taken, named.Target, out _);
            if ((before & (how | Taken.Lazily | Taken.AtOnce)) != Taken.No)
                continue;
            before |= how;
            targets[kept++] = named;
        }

        targets.RemoveRange(kept, targets.Count - kept);
    }

    private static Taken HowTaken(RuleState? rule, List<NamedTarget> targets) => rule?.Rule.Strategy switch
    {
        InvalidationStrategy.Batched => Taken.Batched,
        InvalidationStrategy.Lazy => ServesOnce(rule!, targets) ? Taken.Once : Taken.Lazily,
        _ => Taken.AtOnce,
    };

    /// <summary>Only tags can be served once: a rule that takes everything because a value is missing gives that up.</summary>
    private static bool ServesOnce(RuleState rule, List<NamedTarget> targets)
    {
        if (!rule.Rule.ServeStaleOnce)
            return false;
        foreach (var (target, _) in targets)
        {
            if (target.Kind != TargetKind.Tag)
                return false;
        }

        return true;
    }
}
