using Unstale.Log;

namespace Unstale.Tests.Model.Simulation;

/// <summary>One server process: log and second level. Each method is one atomic script. Null means an error or no reply.</summary>
internal sealed partial class Server(Schedule schedule, int run)
{
    private const long Never = -1;

    public ServerData Data { get; private set; } = new();

    public bool IsAlive { get; set; } = true;

    public long DeposedAt { get; set; } = Never;

    /// <summary>Changes not yet replicated.</summary>
    public List<Func<ServerData, ServerData>> Unreplicated { get; } = [];

    public long ReplicationId { get; private set; } = schedule.NewId();

    /// <summary>Difference between the server's clock and the true time.</summary>
    public long ClockOffset { get; set; }

    /// <summary>Time at which the address last moved to another server.</summary>
    public long LeftAt { get; set; }

    private long Clock => schedule.Now + ClockOffset;

    public void BecomeMaster(ServerData data)
    {
        Data = data;
        DeposedAt = Never;
        ReplicationId = schedule.NewId();
        Unreplicated.Clear();
    }

    /// <summary>Deletes all data.</summary>
    public void Wipe() => Data = new ServerData();

    /// <summary>Sets the clock to this time after the last confirmation. A negative age sets it to before the confirmation.</summary>
    public void SetClock(long age) => ClockOffset = Data.Confirmed + age - schedule.Now;

    public object? Create(Generation instead, Generation next)
    {
        if (!IsWritable)
            return null;
        if (IsBroken || IsReplicationChanged || Data.Generation == instead)
            StartGeneration(next);
        return true;
    }

    public AppendAnswer? Append(Raised raised, SetRequest? set)
    {
        if (!IsWritable)
            return null;
        if (IsBroken)
            StartGeneration(raised.Node.NextGeneration());
        var record = raised.Operation.Record;
        if (Data.Selector.Count >= World.SelectorListed && record.Targets.ToArray().Any(t => t.IsSelector))
            record = new InvalidationRecord(record.Id, InvalidationTarget.Everything, record.Origin, record.Time);
        var logged = new LoggedRecord(Data.Sequence + 1, Data.LastId, record);
        if (set is not null)
            BeginMarks(World.TagsOf(set.Key));
        var writes = set is not null && MaySet(set);
        Change(d => Appended(d, logged, raised, writes ? set : null));
        if (this == schedule.Master)
            schedule.Checker.Appended(raised);
        foreach (var connection in schedule.Connections.Where(c => c.Server == this))
            connection.Pushes.Enqueue((Data.Generation, logged));
        return new AppendAnswer(new AppendReply(Data.Generation, logged.Sequence, logged.PreviousId), writes);
    }

    /// <summary>Heartbeat, catch-up and handshake in one script. The script writes, so a deposed master cannot confirm.</summary>
    public TailReply? Tail(TailRequest request, Node from, int number)
    {
        var node = from.Index;
        if (!IsWritable || Data.Connections.GetValueOrDefault(node) > number)
            return null; // the second condition: a connection closed by its node would lift the fence of sets
        Change(d => d with { Connections = d.Connections.SetItem(node, number) });
        if (IsBroken || IsReplicationChanged || IsForsaken)
            return new TailReply(TailState.Broken, Data.Generation, 0, 0, []);
        var member = new LogMember(from.Name, request.Generation, request.Cursor, request.ServesFor) { Confirmation = schedule.NewId() };
        if (Data.Generation != request.Generation)
        {
            Change(d => d with { Members = d.Members.SetItem(member.Node, member) });
            return new TailReply(TailState.OtherGeneration, Data.Generation, Data.Sequence, Data.LastId, []);
        }

        if (IsOther(request.Cursor, request.IdAtCursor) || (request.OwnSequence > 0 && IsOther(request.OwnSequence, request.OwnId)))
            return new TailReply(TailState.Broken, Data.Generation, 0, 0, []);
        var confirmed = Clock;
        Change(d => d with { Members = d.Members.SetItem(member.Node, member), Confirmed = confirmed });
        return new TailReply(
            TailState.Records, Data.Generation, Data.Sequence, Data.LastId, Data.Log.FindAll(r => r.Sequence > request.Cursor));
    }

    /// <summary>Returns the nodes. Nodes removed from the list are replaced by one that never confirms.</summary>
    public object? Members()
    {
        if (!IsWritable)
            return null;
        var members = Data.Members.Values.ToList();
        if (Data.DroppedMembers > 0)
            members.Add(new LogMember($"dropped {Data.DroppedMembers}", Generation.None, 0, TimeSpan.FromMilliseconds(World.Bound)) { Confirmation = Data.DroppedMembers });
        return new LogMembers(Data.Generation, members);
    }

    public void DropMember()
    {
        if (Data.Members.IsEmpty)
            return;
        var name = schedule.AnyOf([.. Data.Members.Keys.Order(StringComparer.Ordinal)]);
        Change(d => d with { Members = d.Members.Remove(name), DroppedMembers = d.DroppedMembers + 1 });
        schedule.Count("nodes dropped");
    }

    /// <summary>Whether the last confirmation is older than a node may serve, or in the future.</summary>
    private bool IsForsaken => Clock - Data.Confirmed is < 0 or > World.Bound;

    private bool IsWritable => IsAlive && (DeposedAt == Never || schedule.Now <= DeposedAt + schedule.Profile.Fence);

    private bool IsBroken => Data.Generation == Generation.None || Data.Run != run;

    private bool IsReplicationChanged => Data.ReplicationId != ReplicationId;

    private void Change(Func<ServerData, ServerData> change)
    {
        Data = change(Data);
        Unreplicated.Add(change);
    }

    private void StartGeneration(Generation generation)
    {
        var replication = ReplicationId;
        var now = Clock;
        Change(d => d with
        {
            Run = run, ReplicationId = replication, Generation = generation, Sequence = 0, LastId = 0, Floor = 0, NewestSelector = 0,
            Selector = [], Log = [], Tags = d.Tags.Clear(), Dependencies = null,
            Confirmed = now, Members = d.Members.Clear(), DroppedMembers = 0,
        });
        schedule.Count("generations");
    }

    private ServerData Appended(ServerData d, LoggedRecord logged, Raised raised, SetRequest? set)
    {
        var log = d.Log.Count < schedule.Profile.LogLength ? d.Log : d.Log.RemoveAt(0);
        d = d with
        {
            Sequence = logged.Sequence, LastId = logged.Record.Id, Log = log.Add(logged),
            Contained = d.Contained.Add(raised).Union(raised.Covers),
        };
        foreach (ref readonly var target in logged.Record.Targets)
            d = d.With(target, logged.Sequence);
        return set is null ? d : d with { Values = d.Values.SetItem(set.Key, new(set.Value, d.Generation, logged.Sequence, World.TagsOf(set.Key))) };
    }

    /// <summary>True if this history does not contain the record. False for a trimmed record, which cannot be compared.</summary>
    private bool IsOther(long sequence, long id) =>
        sequence > Data.Sequence
        || Data.Log.Exists(r => (r.Sequence == sequence && r.Record.Id != id) || (r.Sequence == sequence + 1 && r.PreviousId != id));
}

internal sealed record AppendAnswer(AppendReply Reply, bool Written);

/// <param name="Key">The key.</param>
/// <param name="Value">The value.</param>
/// <param name="Generation">Generation of the node at the call.</param>
/// <param name="Stamp">Cursor of the node at the call.</param>
/// <param name="Node">The node.</param>
/// <param name="Connection">Number of the node's connection.</param>
internal sealed record SetRequest(string Key, int Value, Generation Generation, long Stamp, int Node, int Connection);
