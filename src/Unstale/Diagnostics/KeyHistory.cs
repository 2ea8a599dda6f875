using Unstale.Log;
using Unstale.Values;

namespace Unstale.Diagnostics;

/// <summary>Finds the remembered records that concern one key.</summary>
/// <param name="history">Records remembered by the node.</param>
/// <param name="key">Key to explain.</param>
/// <param name="names">Tags of the value, and marks of the keys the value was made from.</param>
internal sealed class KeyHistory(RecordHistory history, string key, string[] names)
{
    /// <summary>Returns the first record that invalidated a value; null if none is remembered.</summary>
    /// <param name="stamp">Sequence as of which the value was valid.</param>
    /// <param name="epoch">Epoch in which the value was made.</param>
    public ExplainedRecord? CauseOf(long stamp, int epoch)
    {
        NotedRecord? first = null;
        foreach (var noted in history.Records)
        {
            // Records of this node may be noted before records with a lower sequence.
            if (noted.Epoch == epoch && noted.Sequence > stamp && !(first?.Sequence < noted.Sequence) && Concerns(noted.Source))
                first = noted;
        }

        if (first is { } record)
            return Explained(record);
        if (history.Flushes.FirstOrDefault(flush => flush.Epoch == epoch) is { } end)
            return Explained(end);
        return history.Pending.FirstOrDefault(Concerns) is { } pending ? Explained(pending, position: null) : null;
    }

    /// <summary>Returns the most recent records that concern the key, newest first. A record appended more than once is returned once.</summary>
    public IReadOnlyList<ExplainedRecord> Newest(int most)
    {
        var flushes = history.Flushes.Select(flush => (Order: (Age(flush.Epoch), long.MinValue), Explain: (Func<ExplainedRecord>)(() => Explained(flush))));
        var known = NewestNoted(most).Select(noted => (Order: OrderOf(noted), Explain: (Func<ExplainedRecord>)(() => Explained(noted))));
        var pending = history.Pending.Reverse().Where(Concerns).Select(record => Explained(record, position: null));
        return [.. pending.Concat(flushes.Concat(known).OrderBy(static one => one.Order).Select(static one => one.Explain())).Take(most)];
    }

    /// <summary>Returns the newest records that concern the key, oldest first.</summary>
    private List<NotedRecord> NewestNoted(int most)
    {
        var newest = new List<NotedRecord>();
        var ids = new HashSet<long>();
        foreach (var noted in history.Records)
        {
            if (!Concerns(noted.Source) || !ids.Add(noted.Source.Id))
                continue;
            var at = newest.Count;
            while (at > 0 && OrderOf(newest[at - 1]).CompareTo(OrderOf(noted)) < 0)
                at--;
            newest.Insert(at, noted);
            if (newest.Count > most)
                newest.RemoveAt(0);
        }

        return newest;
    }

    /// <summary>Place of a record among others: the newest has the lowest.</summary>
    private (uint Age, long Below) OrderOf(in NotedRecord noted) => (Age(noted.Epoch), -noted.Sequence);

    /// <summary>Distance from the current epoch, because epoch numbers wrap around.</summary>
    private uint Age(int epoch) => unchecked((uint)(history.Epoch - epoch));

    private bool Concerns(IRecordSource record)
    {
        foreach (ref readonly var target in record.Targets)
        {
            if (Concerns(target, record.Targets))
                return true;
        }

        return false;
    }

    private bool Concerns(in InvalidationTarget target, ReadOnlySpan<InvalidationTarget> record) =>
        target.Concerns(key, names) || RowTargets.Hits(target, record, names);

    private ExplainedRecord Explained(in NotedRecord noted) =>
        Explained(noted.Record, new LogPosition(history.Position.Partition, noted.Generation, noted.Sequence));

    private ExplainedRecord Explained(InvalidationRecord record, LogPosition? position) => new()
    {
        Position = position,
        Id = record.Id,
        Node = record.Origin.Node,
        Service = record.Origin.Service,
        Time = record.Time,
        Reason = record.Reason,
        Trace = record.Trace,
        Flags = record.Flags,
        Targets = TargetsOf(record),
    };

    private ExplainedRecord Explained(NotedFlush flush) => new()
    {
        Position = new LogPosition(history.Position.Partition, flush.Generation, flush.Sequence),
        Id = 0,
        Time = flush.Time ?? default,
        Reason = flush.IsBroken ? "the history of the log was broken" : "this node had missed more records than the log retains",
        Targets = [new(TargetKind.Everything, "", Rule: null, Chain: null, MadeFrom: null)],
        IsForgotten = true,
    };

    private List<ExplainedTarget> TargetsOf(InvalidationRecord record)
    {
        var targets = new List<ExplainedTarget>();
        for (var i = 0; i < record.Targets.Length; i++)
        {
            ref readonly var target = ref record.Targets[i];
            if (!Concerns(target, record.Targets))
                continue;
            var origin = RecordVia.Parse(record, i);
            targets.Add(new(target.Kind, target.Text, origin.Rule, origin.Chain, MadeFrom(target)));
        }

        return targets;
    }

    /// <summary>Returns the key whose mark makes a target concern the value; null if the target concerns the key of the value itself.</summary>
    private string? MadeFrom(InvalidationTarget target)
    {
        if (target.Kind is not (TargetKind.Key or TargetKind.Glob or TargetKind.Regex) || target.Concerns(key, []))
            return null;
        return DependencyTag.KeysOf(names).FirstOrDefault(other => target.Concerns(other, []));
    }
}
