using Unstale.Horizon;
using Unstale.Rules;
using Unstale.Telemetry;

namespace Unstale;

/// <content>What a change would take, asked before it is raised.</content>
internal sealed partial class Invalidator
{
    /// <summary>A line a minute is enough to be seen.</summary>
    private const long Quiet = 60_000;

    private long _exceededAt = long.MinValue;

    /// <summary>Counts what the change would take; nothing of it is raised, and no rule has run.</summary>
    public ChangePreview Preview(Change change, int samples, CancellationToken cancellationToken)
    {
        var plan = new ChangePlan(_rules.Current.Expand(change, isPreview: true), _rules.Dependencies);
        var tally = new ChangeTally(plan, samples);
        Count((key, names) =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            return tally.Look(key, names);
        });
        return tally.Preview();
    }

    /// <exception cref="ChangeRefusedException">It would take too much, and the options want that refused.</exception>
    private void Guard(Change change, Expansion expansion)
    {
        if (_options.ChangeGuard is not { } guard)
            return;
        var plan = new ChangePlan(expansion, _rules.Dependencies);
        if (plan.Depth > guard.MaximumDepth)
        {
            Exceeded(guard, change, Errors.ChangeTooDeep(change.ToString(), plan.Depth, guard.MaximumDepth.Value));
            return;
        }

        if (guard.MaximumEntries is not { } limit)
            return;
        var tally = new ChangeTally(plan, limit: limit);
        Count(tally.Look);
        if (tally.IsAbove)
            Exceeded(guard, change, Errors.ChangeTooLarge(change.ToString(), limit));
    }

    private void Count(Func<string, string[], bool> look)
    {
        var now = _context.Clock.Now;
        foreach (var node in _log.Nodes)
        {
            IReadOnlyList<IHorizonMember> caches;
            lock (node.Horizon.Gate)
                caches = node.Horizon.Members;
            foreach (var cache in caches)
            {
                if (!cache.ShowTrue(now, look))
                    return;
            }
        }
    }

    private void Exceeded(ChangeGuard guard, Change change, string message)
    {
        _context.Metrics.ChangeExceeded(guard.WhenExceeded);
        if (guard.WhenExceeded == GuardedChanges.Refuse)
            throw new ChangeRefusedException(message, change);
        var now = _context.Clock.Now;
        var last = Interlocked.Read(ref _exceededAt);

        // Of several at once one is aloud.
        if ((last == long.MinValue || now - last >= Quiet) && Interlocked.CompareExchange(ref _exceededAt, now, last) == last)
            _logger.ChangeExceeded(_cache, guard.MaximumEntries, guard.MaximumDepth);
    }
}
