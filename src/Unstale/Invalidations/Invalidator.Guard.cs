using Unstale.Diagnostics;
using Unstale.Horizon;
using Unstale.Rules;
using Unstale.Telemetry;
using Unstale.Values;

namespace Unstale.Invalidations;

/// <content>Preview of a change, and the limits on its size.</content>
internal sealed partial class Invalidator
{
    private OncePerMinute _exceeded;

    /// <summary>Counts the entries that the change would invalidate. Invalidates nothing, and does not count as a run of any rule.</summary>
    public ChangePreview Preview(Change change, int samples, CancellationToken cancellationToken)
    {
        var impact = new ImpactAnalysis(_rules.Current.Evaluate(change, isPreview: true), _rules.Dependencies, samples);
        Count((key, names) =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            return impact.Count(key, names);
        });
        return impact.Preview();
    }

    /// <exception cref="ChangeRefusedException">The change exceeds a limit, and the options require a refusal.</exception>
    private void Guard(ChangeGuard guard, Change change, in RuleEvaluation evaluation)
    {
        var impact = new ImpactAnalysis(evaluation, _rules.Dependencies, limit: guard.MaximumEntries ?? long.MaxValue - 1);
        if (impact.Depth > guard.MaximumDepth)
        {
            Exceeded(guard, change, Errors.ChangeTooDeep(change.ToString(), impact.Depth, guard.MaximumDepth.Value));
            return;
        }

        if (guard.MaximumEntries is not { } limit)
            return;
        Count(impact.Count);
        if (impact.IsAbove)
            Exceeded(guard, change, Errors.ChangeTooLarge(change.ToString(), limit));
    }

    private void Count(Func<string, string[], bool> look)
    {
        var now = _context.Clock.Now;
        foreach (var node in _log.Nodes)
        {
            IReadOnlyList<ILocalStore> caches;
            lock (node.Horizon.Gate)
                caches = node.Horizon.Stores;
            foreach (var cache in caches)
            {
                if (!cache.VisitValid(now, look))
                    return;
            }
        }
    }

    private void Exceeded(ChangeGuard guard, Change change, string message)
    {
        _context.Metrics.ChangeExceeded(guard.WhenExceeded);
        if (guard.WhenExceeded == ChangeGuardAction.Refuse)
            throw new ChangeRefusedException(message, change);
        if (_exceeded.IsDue(_context.Clock.Now))
            _logger.ChangeExceeded(_cache, guard.MaximumEntries, guard.MaximumDepth);
    }
}
