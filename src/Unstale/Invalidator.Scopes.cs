using Unstale.Horizon;
using Unstale.Log;
using Unstale.Node;
using Unstale.Rules;
using Unstale.Telemetry;

namespace Unstale;

/// <content>Units of work, and repeats.</content>
internal sealed partial class Invalidator : IScopeRaiser
{
    private readonly Repeats _repeats;

    LogPartitions IScopeRaiser.Log => _log;

    public InvalidationScope BeginScope(bool joinsOuter = true) => new(this, joinsOuter);

    async ValueTask<Operation> IScopeRaiser.RaiseAsync(List<Invalidation> records)
    {
        using var activity = Activities.Invalidate(_log.Name);
        return await _log.RaiseAsync(records.Select(record => record with { Reason = Cut(record.Reason) }), CancellationToken.None).ConfigureAwait(false);
    }

    Batch IScopeRaiser.Schedule(Invalidation later) => _window.Add(later);

    void IScopeRaiser.Repeat(Invalidation invalidation, TimeSpan after) => _repeats.Add(invalidation, after);

    LogAwayException? IScopeRaiser.AwayOf(InvalidationReceipt receipt) => AwayOf(receipt);

    void IScopeRaiser.CouldNotRaise(Exception exception) => _logger.CommittedNotRaised(exception, _cache);

    /// <summary>Adds the invalidation to the surrounding unit of work. Returns null if there is none.</summary>
    private InvalidationReceipt? Collected(Invalidation named, bool recursive)
    {
        if (ScopeFlow.Current() is null)
            return null;
        return ScopeFlow.Collect(new ScopeItem(this, Expanded().Targets, () => new([Expanded()], Later: null)) { RepeatAfter = _options.RepeatAfter });

        Invalidation Expanded() => _rules.Dependencies.Expand(named, recursive);
    }

    /// <summary>
    /// Collects an invalidation of the key in place of storing the value, which may never be committed. Returns false outside a unit of work.
    /// </summary>
    public bool CollectedSet(string key) => Collected(new Invalidation([InvalidationTarget.ForKey(key)], "set"), recursive: true) is not null;

    /// <summary>Collects an invalidation of the key without the version, which may never be committed. Returns null outside a unit of work.</summary>
    public InvalidationReceipt? CollectedWrite(string key) => Collected(new Invalidation([InvalidationTarget.ForKey(key)], "write-through"), recursive: true);

    private InvalidationReceipt? CollectedLater(Invalidation named) =>
        ScopeFlow.Current() is null ? null : ScopeFlow.Collect(new ScopeItem(this, named.Targets, () => new([], named)) { RepeatAfter = _options.RepeatAfter });

    private InvalidationReceipt? Collected(Change change, RuleSet rules, Expansion expansion)
    {
        if (ScopeFlow.Current() is null)
            return null;
        var known = RecordsOf(change, expansion);
        InvalidationTarget[] held = [.. known.Now.Append(known.Later).OfType<Invalidation>().SelectMany(static one => one.Targets)];
        return ScopeFlow.Collect(new ScopeItem(this, held, Records) { RepeatAfter = _options.RepeatAfter });

        // Applies the rules in force at the end of the unit of work. Conditions are evaluated again only if the rules have changed.
        ChangeRecords Records()
        {
            var current = _rules.Current;
            var last = current == rules ? expansion : current.Expand(change);
            Ran(last);
            return RecordsOf(change, last);
        }
    }

    private ChangeRecords RecordsOf(Change change, Expansion expansion)
    {
        var records = ChangeRecords.Of(expansion, Cut(change.ToString()), _entriesOfChanges, _options.MaximumKeyLength);
        return records with { Now = records.Now.ConvertAll(record => _rules.Dependencies.Expand(record)) };
    }

    private void Repeat(Invalidation raised)
    {
        if (_options.RepeatAfter > TimeSpan.Zero)
            _repeats.Add(raised, _options.RepeatAfter);
    }

    private ValueTask<Operation> RaiseRepeatAsync(Invalidation batch) =>
        _log.RaiseAsync(batch with { Reason = Cut($"repeated: {batch.Reason}") }, CancellationToken.None);
}
