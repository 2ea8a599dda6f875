using Unstale.Log;

namespace Unstale.Tests.Model.Simulation;

/// <summary>One server process: log and second level. Each method is one atomic script; null means an error or no answer.</summary>
internal sealed partial class Server(Schedule schedule, int run)
{
    private const long Never = -1;

    public ServerData Data { get; private set; } = new();

    public bool IsAlive { get; set; } = true;

    public long DeposedAt { get; set; } = Never;

    /// <summary>Changes that the replica does not have yet.</summary>
    public List<Func<ServerData, ServerData>> Unreplicated { get; } = [];

    public long ReplicationId { get; private set; } = schedule.NewId();

    /// <summary>What its clock adds to the true time.</summary>
    public long ClockOffset { get; set; }

    /// <summary>When the address last led elsewhere.</summary>
    public long LeftAt { get; set; }

    private long Clock => schedule.Now + ClockOffset;

    public void BecomeMaster(ServerData data)
    {
        Data = data;
        DeposedAt = Never;
        ReplicationId = schedule.NewId();
        Unreplicated.Clear();
    }

    /// <summary>All that it holds is gone.</summary>
    public void Wipe() => Data = new ServerData();

    /// <summary>Its clock is set so that the last confirmation was so long ago; below zero, that it is yet to come.</summary>
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
        if (Data.Broad.Count >= World.BroadListed && record.Targets.ToArray().Any(t => t.IsBroad))
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

    /// <summary>Heartbeat, catch-up and handshake in one; it writes, so a deposed master cannot confirm.</summary>
    public TailReply? Tail(TailRequest request, Node from, int number)
    {
        var node = from.Index;
        if (!IsWritable || Data.Connections.GetValueOrDefault(node) > number)
            return null; // the second: a connection that its node has given up would lift the fence of sets
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

    /// <summary>The nodes; those that were taken off the list are one that never confirms.</summary>
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

    /// <summary>Nobody has confirmed its history for longer than a node may serve, or somebody will yet.</summary>
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
            Run = run, ReplicationId = replication, Generation = generation, Sequence = 0, LastId = 0, Floor = 0, NewestBroad = 0,
            Broad = [], Log = [], Tags = d.Tags.Clear(), Dependencies = null,
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

    /// <summary>True if this history does not hold that record. One that was trimmed cannot be told.</summary>
    private bool IsOther(long sequence, long id) =>
        sequence > Data.Sequence
        || Data.Log.Exists(r => (r.Sequence == sequence && r.Record.Id != id) || (r.Sequence == sequence + 1 && r.PreviousId != id));
}

internal sealed record AppendAnswer(AppendReply Reply, bool Written);

/// <param name="Key">The key.</param>
/// <param name="Value">The value.</param>
/// <param name="Generation">The node's generation at the call.</param>
/// <param name="Stamp">Its cursor at the call.</param>
/// <param name="Node">The node.</param>
/// <param name="Connection">The number of its connection.</param>
internal sealed record SetRequest(string Key, int Value, Generation Generation, long Stamp, int Node, int Connection);
