namespace Unstale.Tests.Model.Mutants;

/// <summary>One mistake for each mechanism behind the guarantees.</summary>
internal static class MutantList
{
    private const string Horizon = "src/Unstale/Horizon/";
    private const string Facade = Horizon + "PartitionHorizon.cs";
    private const string Index = Horizon + "InvalidationIndex.cs";
    private const string Trust = Horizon + "TrustWindow.cs";
    private const string Selectors = Horizon + "SelectorList.cs";
    private const string Log = Horizon + "LogFollower.cs";
    private const string Appends = Horizon + "OutgoingAppends.cs";
    private const string Loads = Horizon + "LoadChecks.cs";
    private const string View = Horizon + "HorizonView.cs";
    private const string Left = Horizon + "LeftGenerations.cs";
    private const string ServerLog = "tests/Unstale.Tests/Model/Simulation/Server.cs";
    private const string Wait = "src/Unstale/Node/ConvergenceCheck.cs";
    private const string KeyCells = Horizon + "KeyCells.cs";
    private const string Data = "tests/Unstale.Tests/Model/Simulation/ServerData.cs";
    private const string NodeLoads = "tests/Unstale.Tests/Model/Simulation/Node.Loads.cs";
    private const string Server = "tests/Unstale.Tests/Model/Simulation/Server.Values.cs";

    private static readonly Patch NoJoinCheck = new(
        Loads, "return (trusted && index.IsClear(key, tags, load.Stamp)) || FirstMark(load, key, tags.Names) == RecentInvalidations.None;", "return true;");

    private static readonly Patch NoLateJoiners = new(Loads, "index.FirstMark(key, tags, load.Tick);", "RecentInvalidations.None;");

    public static IReadOnlyList<Mutant> All { get; } =
    [
        new("what came between begin and end of a load is not looked at",
            new Patch(Loads, "log.Generation != Generation.None && index.IsClear(key, tags, stamp);", "log.Generation != Generation.None;")),
        new("anybody joins and everybody is given the value", NoJoinCheck, NoLateJoiners),
        new("late joiners are given the value", NoLateJoiners),
        new("trust never ends", new Patch(Trust, "_confirmed + settings.StalenessBound", "long.MaxValue")),
        new("trust counts from the answer, not from the question", new Patch(Facade, "_trust.Confirm(snapshot.Time);", "_trust.Confirm(snapshot.Time + 120);")),
        new("marks do not raise the revision", new Patch(Index, "ApplyRows(sequence, targets, record.Flags, own);\n        RaiseRevision(targets);", "ApplyRows(sequence, targets, record.Flags, own);")),
        new("pending targets do not raise the revision", new Patch(Index, "            }\n        }\n\n        RaiseRevision(targets);", "            }\n        }\n")),
        new("nothing is pending while it is on its way", new Patch(Appends, "=> index.MarkPending(operation);", "{ }")),
        new("patterns are not looked at on a hit", new Patch(View, "(entry.SelectorsSeen == Volatile.Read(ref SelectorCount) || PassesSelectors(entry))", "true")),
        new("a pattern that is not kept any more is forgotten",
            new Patch(View, "Volatile.Read(ref DroppedSelectorSequence) > stamp && DroppedSelectorNumber > seen", "false")),
        new("entries and loads of before a reset count on",
            new Patch(View, " && entry.Epoch == Epoch", string.Empty),
            new Patch(Loads, "epoch == view.Epoch && log", "log")),
        new("a gap between pushes is stepped over",
            new Patch(Log, "else if (record.Sequence == _cursor + 1)", "else if (record.Sequence > _cursor)"),
            new Patch(Log, "if (record.PreviousId != _lastId)\n                Fork();\n            else\n                Apply(record, null);", "Apply(record, null);")),
        new("a tag's cell goes while an entry holds it",
            new Patch(Horizon + "TagTable.cs", "if (--cell.Holders > 0)", "if (--cell.Holders > 1)"),
            new Patch(Horizon + "TagTable.cs", "cell.Retire();", string.Empty)),
        new("a tag's mark does not reach its cell", new Patch(Index, "cell.Raise(sequence, IsSoft(flags));\n                else if", "{ }\n                else if")),
        new("a key's mark does not reach what was made from it", new Patch(Index, "cell.Raise(sequence);\n            Sweeps", "Sweeps")),
        new("a new cell of a key does not know what was invalidated before", new Patch(KeyCells, "_stripes.ForKey(key)", "0")),
        new("an invalidation of a key that is on its way is not held against what was made from it", new Patch(Index, "mark.AddPending(1);", "{ }"), new Patch(Index, "mark.EndPending(sequence);", "mark.Raise(sequence);")),
        new("a pattern is not compared with what an entry was made from",
            new Patch("src/Unstale/Log/InvalidationTarget.cs", "Pattern!.MayMatch(key) || MatchesMark(tags)", "Pattern!.MayMatch(key)")),
        new("the second level does not hear which keys went", new Patch(Data, "Tags = Dependencies is null ? Tags : Tags.SetItem(DependencyTag.ForKey(target.Text), sequence),", string.Empty)),
        new("a value of before the second level received which keys go is taken", new Patch(Data, "|| stamp < since", string.Empty)),
        new("a swept pattern is forgotten by what was made from the keys it matched",
            new Patch(Data, "Tags.GetValueOrDefault(AnyMark) > stamp", "false")),
        new("a key's mark is not kept for loads", new Patch(Index, "_stripes.RaiseKey(target.Text, sequence);", string.Empty)),
        new("a forked generation is used on", new Patch(Log, "case TailState.Broken:\n                CreateInstead(reply.Generation);", "case TailState.Broken:\n                Reset();")),
        new("a generation that was left is forgotten", new Patch(Left, "_newest.Contains(generation) || (", "false && (")),
        new("a generation that was left is forgotten once it is dropped",
            new Patch(Left, "Kept = 64", "Kept = 1"), new Patch(Left, "_hasDropped && generation", "false && generation")),
        new("a history that nobody confirmed is relied on", new Patch(ServerLog, "is < 0 or > World.Bound;", "is < 0;")),
        new("a confirmation that is yet to come counts", new Patch(ServerLog, "is < 0 or > World.Bound;", "> World.Bound;")),
        new("a node that was taken off the list counts as confirmed", new Patch(ServerLog, "if (Data.DroppedMembers > 0)", "if (false)")),
        new("a node that is behind is not waited for", new Patch(Wait, "_until = Math.Max(_until, behind + Served(member.ServesFor.TotalMilliseconds));", "{ }")),
        new("own records are not appended again in a new generation", new Patch(Facade, "_appends.Replay(snapshot.Time);", "{ }")),
        new("a value of another generation is taken from the second level", new Patch(Server, " && held.Generation == generation", string.Empty)),
        new("any lease will do", new Patch(Server, "if (!Data.Leases.TryGetValue(key, out var lease) || lease.Token != token)\n            return false;", "if (!Data.Leases.TryGetValue(key, out var lease))\n            lease = (0, Data.Sequence);")),
        new("a mark after which a value may be served once more hides one before it", new Patch(Horizon + "TagCell.cs", "_soft.Hard = Math.Max(_soft.Hard, to);", "{ }")),
        new("a pattern does not keep a value from being served once more",
            new Patch(Loads, "return !view.IsMatchedBySelector(entry.Key, entry.Tags.Names, entry.Stamp, entry.SelectorsSeen);", "return true;")),
        new("a tag that only the call names is taken for judged", new Patch(Loads, "if (!answer.Value.CarriesAll(tags.Names))", "if (false)")),
        new("what a node cannot know of a tag of the call is taken for clear",
            new Patch(Loads, "view.Floor > answer.Stamp || view.IsMatchedBySelector(key, tags.Names, answer.Stamp, seen: 0)", "view.IsMatchedBySelector(key, tags.Names, answer.Stamp, seen: 0)"),
            new Patch(Loads, "cell.Effective > answer.Stamp && !answer", "index.IsOwnMark(cell.Effective, answer.Stamp) && !answer")),
        new("a value of before a reset is served once more",
            new Patch(Loads, "entry.Epoch != view.Epoch || view.Floor > entry.Stamp", "view.Floor > entry.Stamp")),
        new("trust is not looked at once a value of the second level has come", new Patch(Loads, "view.IsTrusted(now) && MayStore(", "load.Trusted && MayStore(")),
        new("a value of before the adopted cursor counts as known",
            new Patch(Index, "_adopted = _floor = _everything = sequence;", "_adopted = _everything = sequence;\n        _floor = 0;"), new Patch(Selectors, "view.DroppedSelectorSequence = sequence;", "view.DroppedSelectorSequence = 0;"),
            new Patch(Index, "_stripes.ResetTo(sequence);", "_stripes.ResetTo(0);"), new Patch(Index, "Tags.ResetTo(sequence);", "Tags.ResetTo(0);")),
        new("a value of the second level is kept as of more than is known here", new Patch(Loads, "stamp = Math.Max(from, log.Cursor);", "stamp = Math.Max(from, log.Cursor) + 1;")),
        new("an invalidation of a key that is on its way is not held against a value", new Patch(Index, "!_pendingKeys.Contains(key) && _stripes", "_stripes")),
        new("marks of keys are not compared with what a value was made from", new Patch(View, "if (Volatile.Read(ref cell.Effective) > stamp)", "if (Volatile.Read(ref cell.Effective) > stamp && !Unstale.Values.DependencyTag.Is(cell.Tag))")),
        new("a value that lies there from another generation is taken", new Patch(NodeLoads, "held.Generation == load.Ticket.Remote!.Generation && TryTake", "TryTake")),
        new("the server confirms a value although a pattern is listed", new Patch(Server, "answer.Listed.Length > 0 || ", string.Empty)),
        new("the server's word counts for names that the value does not carry", new Patch(Loads, "value.CarriesAll(tags.Names) ? value.Confirmed : value.Stamp", "value.Confirmed")),
    ];

    /// <summary>Mistakes found in only one of hundreds of schedules, for longer runs.</summary>
    public static IReadOnlyList<Mutant> Rare { get; } =
    [
        new("a missed part of the log is taken for read", new Patch(Log, "        if (IsTrimmed(reply))\n            LocalFlush(reply.Sequence, reply.LastId);\n        else if", "        if"),
            new Patch(Log, ": record.PreviousId != _lastId)", ": false)")),
        new("a new cell of a key does not know what is on its way", new Patch(KeyCells, "cell.AddPending(pending);", "{ }")),
        new("own marks are not compared with a value of the second level",
            new Patch(Index, "sequence > stamp && sequence > _adopted", "false"), new Patch(Loads, "if (index.IsPending(key, tags))", "if (false)")),
    ];
}
