using System.Runtime.InteropServices;
using Unstale.Log;

namespace Unstale.Rules;

/// <summary>
/// Collects steps and assigns each target to the first of the steps that invalidate the target earliest: immediate before lazy, and lazy before
/// batched. One stale read and a batch window do not cover each other, because each may serve values forbidden by the other.
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
        // In this order, earlier invalidations are recorded before later ones are checked.
        foreach (var how in (ReadOnlySpan<Taken>)[Taken.AtOnce, Taken.Lazily, Taken.Batched, Taken.Once])
        {
            foreach (var step in _steps)
            {
                if (step.How == how)
                    Claim(taken, step.Targets, how);
            }
        }
    }

    /// <summary>Removes from the list all targets that another step invalidates at least as early.</summary>
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

    /// <summary>
    /// Returns whether old values can be served once. Only tags support a stale read, so a rule that invalidates everything because of a missing value
    /// serves none.
    /// </summary>
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
