using Unstale.Log;

namespace Unstale.Tests.Model.Simulation;

/// <summary>
/// Judges every read. G1: not older than an invalidation that returned on this node before the read began. G3: not older than an append
/// before the bound plus the time for which a deposed server accepts writes. G2: not older than an invalidation reported as applied on all
/// nodes.
/// </summary>
internal sealed class Checker(Schedule schedule)
{
    private readonly Dictionary<string, List<(long Time, int Version, Raised By)>> _appends =
        World.Keys.ToDictionary(k => k, _ => new List<(long, int, Raised)>(), StringComparer.Ordinal);

    private readonly List<Raised> _all = [];
    private readonly List<(long Time, Raised By)> _everywhere = [];

    public Dictionary<string, int> VersionsOf(InvalidationTarget target) =>
        World.Keys.Where(k => World.IsConcerned(target, k)).ToDictionary(k => k, k => schedule.Source[k], StringComparer.Ordinal);

    public void Raised(Raised raised) => _all.Add(raised);

    public void Appended(Raised raised)
    {
        foreach (var one in raised.Covers.Prepend(raised).Where(r => !r.WasAppended))
        {
            one.WasAppended = true;
            foreach (var (key, version) in one.Versions)
                _appends[key].Add((schedule.Now, version, one));
        }
    }

    public void AppliedEverywhere(Raised raised)
    {
        schedule.Count("applied everywhere");
        schedule.Trace($"{raised} is applied everywhere");
        _everywhere.Add((schedule.Now, raised));
    }

    /// <summary>Makes records that a returning server lacks mandatory: its absence was longer than any node may serve.</summary>
    public void CameBack(Server server)
    {
        foreach (var raised in _all.Where(r => r.WasAppended && !server.Data.Contained.Contains(r)))
            raised.MustHold = true;
    }

    public void Read(Node node, string key, Waiter waiter, int value, string level)
    {
        schedule.Count("read " + level);
        schedule.Trace($"{node} reads {key} = {value} from {level}, asked at {waiter.Start}, required {waiter.Required}");
        if (level != "source" && !node.IsTrusted)
            throw new Violation($"trust: {node} reads {key} = {value} from {level} while it is not trusted");
        if (value < waiter.Required && !IsUnknowable(node, key, value))
            throw new Violation($"G1: {node} reads {key} = {value} from {level}, but {waiter.Required} was invalidated there before");
        ThrowIfLate(node, key, value, waiter.Start, level, Counts);
        if (level != "source") // on a node that is not trusted, reads of the source may share a load
            ThrowIfAppliedEverywhere(node, key, value, waiter.Start, level, Counts);

        bool Counts(Raised by) => !waiter.IsOld || by.ConcernsOld;
    }

    /// <summary>Judges an invalidated value served once more: no hard invalidation may concern the key.</summary>
    public void ReadOnceMore(Node node, string key, int value)
    {
        schedule.Count("read once more");
        schedule.Trace($"{node} reads {key} = {value} once more");
        if (value < node.RequiredAlways[key])
            throw new Violation($"G1: {node} reads {key} = {value} once more, but {node.RequiredAlways[key]} was invalidated there before for good");
        ThrowIfLate(node, key, value, schedule.Now, "memory once more", static by => !by.IsSoft);
    }

    /// <summary>
    /// True if a wrong clock may have led the node to an old history that looks alive and is new to the node. Own records from before the
    /// replay window are missing there, and nothing reveals the loss.
    /// </summary>
    private bool IsUnknowable(Node node, string key, int value) =>
        schedule.Profile.ClocksLie > 0 && node.StoredFirstSince is { } since
        && !_all.Exists(r => r.Node == node && r.Versions.GetValueOrDefault(key) > value && r.StartedAt >= since - schedule.Profile.ReplayWindow);

    private void ThrowIfAppliedEverywhere(Node node, string key, int value, long start, string level, Func<Raised, bool> counts)
    {
        foreach (var (time, by) in _everywhere.TakeWhile(e => e.Time < start))
        {
            if (by.Versions.GetValueOrDefault(key) > value && counts(by) && !IsExcepted(by))
                throw new Violation($"G2: {node} reads {key} = {value} from {level}; {by} was applied everywhere {start - time} before");
        }
    }

    private void ThrowIfLate(Node node, string key, int value, long start, string level, Func<Raised, bool> counts)
    {
        if (schedule.Profile.ClocksLie > 0)
            return;
        var limit = start - World.Bound - schedule.Profile.Fence;
        foreach (var (time, version, by) in _appends[key].TakeWhile(a => a.Time < limit))
        {
            if (version > value && counts(by) && !IsExcepted(by))
                throw new Violation($"G3: {node} reads {key} = {value} from {level}; {version} was appended {start - time} before by {by}");
        }
    }

    /// <summary>Verifies that no servable value is old once the faults have stopped and all nodes have caught up.</summary>
    public void AtRest()
    {
        foreach (var node in schedule.Nodes)
        {
            if (!node.IsTrusted)
                throw new Violation($"at rest: {node} is not trusted");
            foreach (var entry in node.ValidEntries.Where(static e => !World.IsOld(e.Key, e.Tags.Tags)))
                Expect(entry.Key, entry.Value, $"the memory of {node}");
            foreach (var key in World.Keys)
            {
                var answer = schedule.Master.Get(key, node.Generation);
                if (answer?.Held is { } held && !World.IsOld(key, held.Tags) && !Array.Exists(answer.Listed, t => t.Concerns(key, held.Tags)))
                    Expect(key, held.Value, "the second level");
            }
        }
    }

    private void Expect(string key, int value, string where)
    {
        schedule.Count("compared at rest");
        if (value != schedule.Source[key] && !_all.Exists(r => r.Versions.ContainsKey(key) && IsExcepted(r)))
            throw new Violation($"at rest: {where} holds {key} = {value}, the source {schedule.Source[key]}");
    }

    /// <summary>True for the documented exception: the server lost the record and the node that raised it has ended.</summary>
    private bool IsExcepted(Raised raised) => !raised.MustHold && !schedule.Nodes.Contains(raised.Node) && !schedule.Master.Data.Contained.Contains(raised);
}
