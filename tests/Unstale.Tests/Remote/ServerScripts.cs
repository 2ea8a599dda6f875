using Unstale.Log;
using Unstale.Remote;
using Unstale.Values;

namespace Unstale.Tests.Remote;

/// <summary>Scripts of the server. Each method executes in one step, and the caller holds the server's lock.</summary>
internal sealed class ServerScripts(TimeProvider time)
{
    public const int MostSelector = 64;

    /// <summary>Delay up to which late writers are recognised, in ticks of the clock.</summary>
    private static readonly long VersionReach = TimeSpan.FromMinutes(10).Ticks;

    private static readonly long ConfirmsEvery = TimeSpan.FromMinutes(1).Ticks;

    private long _confirmations;
    private long _marks;

    public ServerData Data { get; set; } = new();

    /// <summary>Identifier of this server process. A different stored one means that the data are from another process.</summary>
    public Guid Run { get; set; } = Guid.NewGuid();

    /// <summary>Number of records that the stream retains.</summary>
    public int LogLength { get; set; } = 1000;

    private bool IsBroken => Data.Generation == Generation.None || Data.Run != Run;

    public void Create(Generation instead)
    {
        if (IsBroken || Data.Generation == instead)
            NewGeneration();
    }

    public LoggedRecord Append(InvalidationRecord record)
    {
        if (IsBroken)
            NewGeneration();
        if (Data.Selector.Count >= MostSelector && record.Targets.ToArray().Any(IsSelector))
            record = new InvalidationRecord(record.Id, InvalidationTarget.Everything, record.Origin, record.Time, record.Reason, record.Trace);
        var logged = new LoggedRecord(++Data.Sequence, Data.LastId, record);
        Data.LastId = record.Id;
        Data.Log.Add(logged);
        if (Data.Log.Count > LogLength)
            Data.Log.RemoveAt(0);
        foreach (var target in record.Targets)
            Apply(target, record.Flags.HasFlag(RecordFlags.DirectDependents));
        if (record.Version is { } reported)
            Raise(reported, record.Targets[0].Text, logged.Sequence);
        return logged;
    }

    /// <summary>Returns a reply without any write if this version or a newer one was passed before; otherwise null.</summary>
    public RemoteSetReply? Superseded(string cache, string key, long version)
    {
        if (version == 0 || IsBroken || Highest(cache, key) is not { } known || known.Version < version)
            return null;
        return new RemoteSetReply(
            new AppendReply(Data.Generation, known.Sequence, 0) { Version = VersionState.Superseded, Newest = Data.Sequence }, Written: false);
    }

    public (LoggedRecord Record, bool Written) Set(
        InvalidationRecord record, Generation generation, string key, RemoteValue value, int node, int connection)
    {
        BeginMarks(value.Tags);
        var may = !IsBroken && Data.Generation == generation && Data.Connections.GetValueOrDefault(node) == connection
            && value.Stamp >= Data.Floor && value.Stamp >= Data.NewestSelector && !Data.IsAbove(value.Stamp, value.Tags)
            && (record.Version is not { } reported || IsSure(reported.Cache, key));
        var logged = Append(record);
        if (may)
            Store(key, value, logged.Sequence);
        return (logged, may);
    }

    public TailReply Tail(TailRequest request, int node, int connection)
    {
        if (Data.Connections.GetValueOrDefault(node) > connection)
            throw new IOException("The node has a newer connection.");
        Data.Connections[node] = connection;
        if (IsBroken)
            return new TailReply(TailState.Broken, Data.Generation, 0, 0, []);
        Data.Members[node] = new LogMember(node.ToString(System.Globalization.CultureInfo.InvariantCulture), request.Generation, request.Cursor, request.ServesFor)
        {
            Confirmation = ++_confirmations,
        };
        if (Data.Generation != request.Generation)
            return new TailReply(TailState.OtherGeneration, Data.Generation, Data.Sequence, Data.LastId, []);
        if (IsOther(request.Cursor, request.IdAtCursor) || (request.OwnSequence > 0 && IsOther(request.OwnSequence, request.OwnId)))
            return new TailReply(TailState.Broken, Data.Generation, 0, 0, []);
        return new TailReply(TailState.Records, Data.Generation, Data.Sequence, Data.LastId, [.. Data.Log.Where(r => r.Sequence > request.Cursor)]);
    }

    /// <summary>Reads a value without judging it.</summary>
    public RemoteHit? Read(string key, Generation generation) =>
        Data.Values.TryGetValue(key, out var value) && value.Generation == generation && value.ExpiresAt > Now ? Hit(value) : null;

    public RemoteReply GetOrLease(int partition, string key, Generation generation, in RemoteRequest request)
    {
        if (request.Kind != RemoteRequestKind.Lease && Judged(key, generation, request.Except) is { } value)
        {
            InvalidationTarget[] listed = [.. Data.Selector.Where(b => b.Sequence > value.Stamp).Select(b => b.Target)];
            var reply = new RemoteReply(Hit(value), null, Data.Sequence, listed);
            if (listed.Length == 0 && value.Confirmed < Data.Sequence && Now - value.ConfirmedAt >= ConfirmsEvery)
                Data.Values[key] = value with { Confirmed = Data.Sequence, ConfirmedAt = Now };
            return reply;
        }

        return request.Kind == RemoteRequestKind.Value ? RemoteReply.Neither : RemoteReply.Neither with { Lease = Lease(partition, key, generation, request.LeaseLife) };
    }

    private StoredValue? Judged(string key, Generation generation, RemoteHit? except) =>
        !IsBroken && Data.Generation == generation && Data.Values.TryGetValue(key, out var value)
        && value.Generation == generation && value.ExpiresAt > Now && value.Stamp >= Data.Floor && !Data.IsAbove(value.Stamp, value.Tags)
        && !(except is not null && except.Mark == value.Mark)
            ? value : null;

    private RemoteHit Hit(StoredValue value) =>
        new(value.Payload, value.Stamp, value.Tags, TimeSpan.FromTicks(value.ExpiresAt - Now), TimeSpan.FromTicks(Now - value.StoredAt))
        {
            Confirmed = value.Confirmed,
            ContentVersion = value.ContentVersion,
            Identity = value.Identity,
            Mark = value.Mark,
        };

    private RemoteLease? Lease(int partition, string key, Generation generation, TimeSpan life)
    {
        if (IsBroken || Data.Generation != generation || IsLeased(key))
            return null;
        var lease = new RemoteLease(partition, key, Guid.NewGuid().ToString("n"), Data.Sequence);
        Data.Leases[key] = new StoredLease(lease.Token, lease.Sequence, Now + life.Ticks);
        return lease;
    }

    public bool Renew(RemoteLease lease, TimeSpan life)
    {
        if (!IsLeased(lease.Key) || Data.Leases[lease.Key] is not { } held || held.Token != lease.Token)
            return false;
        Data.Leases[lease.Key] = held with { ExpiresAt = Now + life.Ticks };
        return true;
    }

    public bool Drop(RemoteLease lease)
    {
        if (!IsLeased(lease.Key) || Data.Leases[lease.Key].Token != lease.Token)
            return false;
        Data.Leases.Remove(lease.Key);
        return Data.Values.Remove(lease.Key);
    }

    public void Release(RemoteLease lease)
    {
        if (Data.Leases.TryGetValue(lease.Key, out var held) && held.Token == lease.Token)
            Data.Leases.Remove(lease.Key);
    }

    public bool Load(RemoteLease lease, Generation generation, RemoteValue value)
    {
        if (IsBroken || Data.Generation != generation || !IsLeased(lease.Key))
            return false;
        BeginMarks(value.Tags);
        var held = Data.Leases[lease.Key];
        if (held.Token != lease.Token || value.Stamp > held.Sequence || value.Stamp < Data.NewestSelector || value.Stamp < Data.Floor
            || Data.IsAbove(value.Stamp, value.Tags))
        {
            return false;
        }

        Store(lease.Key, value, value.Stamp);
        Data.Leases.Remove(lease.Key);
        return true;
    }

    private long Now => time.GetElapsedTime(0).Ticks;

    private bool IsLeased(string key) => Data.Leases.TryGetValue(key, out var held) && held.ExpiresAt > Now;

    private void Store(string key, RemoteValue value, long stamp)
    {
        var now = Now;
        Data.Values[key] = new StoredValue(value.Payload, Data.Generation, stamp, value.Tags, now, now + value.Expiration.Ticks, value.Version, value.ContentVersion, value.Identity)
        {
            Confirmed = stamp, ConfirmedAt = now, Mark = ++_marks,
        };
    }

    private static bool IsSelector(InvalidationTarget target) => target.Kind is TargetKind.Glob or TargetKind.Regex or TargetKind.AllOf;

    private void Apply(InvalidationTarget target, bool isDirect)
    {
        switch (target.Kind)
        {
            case TargetKind.Key:
                Data.Values.Remove(target.Text);
                Data.Leases.Remove(target.Text);
                if (Data.Dependencies is not null)
                    Data.Tags[isDirect ? DependencyTag.ForDeclaredKey(target.Text) : DependencyTag.ForKey(target.Text)] = Data.Sequence;
                break;
            case TargetKind.Tag:
                Data.Tags[target.Text] = Data.Sequence;
                break;
            case TargetKind.Everything:
                Data.Floor = Data.Sequence;
                ForgetVersions();
                Data.Selector.Clear();
                break;
            default:
                Data.Selector.Add((Data.Sequence, target));
                Data.NewestSelector = Data.Sequence;
                break;
        }
    }

    /// <summary>Starts recording marks with the first value that carries one.</summary>
    private void BeginMarks(IReadOnlyList<string> tags)
    {
        if (!IsBroken && tags.Any(DependencyTag.Is))
            Data.Dependencies ??= Data.Sequence;
    }

    private void NewGeneration()
    {
        Data.Dependencies = null;
        Data.Run = Run;
        Data.Generation = Generation.Create();
        Data.Sequence = Data.LastId = Data.Floor = Data.NewestSelector = 0;
        Data.Selector.Clear();
        Data.Log.Clear();
        Data.Tags.Clear();
        Data.Members.Clear();
        ForgetVersions();
    }

    private void ForgetVersions()
    {
        Data.Versions.Clear();
        Data.VersionsSince = Now;
    }

    private static string VersionName(string cache, string key) => $"{cache}:{key}";

    /// <summary>Returns the highest version of a key unless too old.</summary>
    private StoredVersion? Reported(string cache, string key) =>
        Data.Versions.TryGetValue(VersionName(cache, key), out var reported) && Now - reported.ReportedAt <= VersionReach ? reported : null;

    private StoredVersion? Highest(string cache, string key)
    {
        var reported = Reported(cache, key);
        return Data.Values.TryGetValue(key, out var held) && held.Generation == Data.Generation && held.Stamp >= Data.Floor
            && held.Version > (reported?.Version ?? 0) ? new StoredVersion(held.Version, held.Stamp, 0, 0) : reported;
    }

    private bool IsSure(string cache, string key) => Now >= (Highest(cache, key)?.SureFrom ?? Data.VersionsSince + VersionReach);

    private void Raise(in KeyVersion reported, string key, long sequence)
    {
        var known = Reported(reported.Cache, key);
        if (!(known?.Version > reported.Version))
            Data.Versions[VersionName(reported.Cache, key)] = new StoredVersion(reported.Version, sequence, Now, known?.SureFrom ?? (Data.VersionsSince + VersionReach));
    }

    /// <summary>True if this history does not contain the record. False for a trimmed record, which cannot be compared.</summary>
    private bool IsOther(long sequence, long id) =>
        sequence > Data.Sequence
        || Data.Log.Exists(r => (r.Sequence == sequence && r.Record.Id != id) || (r.Sequence == sequence + 1 && r.PreviousId != id));
}
