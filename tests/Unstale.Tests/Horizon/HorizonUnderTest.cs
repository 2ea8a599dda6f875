using Unstale.Horizon;
using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Horizon;

/// <summary>A horizon over a log that the test controls: the test decides which messages reach the horizon, and when.</summary>
internal sealed class HorizonUnderTest : ILocalStore
{
    private static readonly RecordOrigin Origin = new("node", "tests");

    private long _ids;
    private long _sequence;
    private long _lastId;

    public HorizonUnderTest(HorizonSettings? settings = null, bool adopted = true)
    {
        Horizon = new PartitionHorizon(settings ?? new HorizonSettings(), target => Record(target));
        Horizon.Add(this);
        Horizon.Connected();
        if (adopted)
            Adopt();
    }

    public PartitionHorizon Horizon { get; }

    public HorizonView View => Horizon.View;

    public Generation Generation { get; private set; } = Generation.Create();

    public long Now { get; set; } = 1_000_000;

    /// <summary>Called for each key that the horizon drops.</summary>
    public Action<string>? OnDrop { get; set; }

    public List<string> Dropped { get; } = [];

    public bool IsTrusted => View.IsTrusted(Now);

    public InvalidationRecord Record(params InvalidationTarget[] targets) => new(++_ids, targets, Origin, DateTimeOffset.UnixEpoch);

    /// <summary>Appends a record to the log.</summary>
    public LoggedRecord Log(InvalidationRecord record)
    {
        var logged = new LoggedRecord(++_sequence, _lastId, record);
        _lastId = record.Id;
        return logged;
    }

    /// <summary>Appends a record of another node to the log.</summary>
    public LoggedRecord Log(params InvalidationTarget[] targets) => Log(Record(targets));

    public LoggedRecord LogTag(string tag) => Log(InvalidationTarget.ForTag(tag));

    public void Push(LoggedRecord record) => Horizon.Pushed(Generation, record);

    public LoggedRecord PushTag(string tag)
    {
        var record = LogTag(tag);
        Push(record);
        return record;
    }

    /// <summary>Passes the generation and the end of the log to the horizon.</summary>
    public void Adopt() => Horizon.Tailed(new TailReply(TailState.OtherGeneration, Generation, _sequence, _lastId, []), Horizon.Snapshot(Now));

    public void StartNewGeneration() => StartNewGeneration(after: Generation.Number);

    public void StartNewGeneration(ulong after)
    {
        Generation = Generation.Create(after);
        (_sequence, _lastId) = (0, 0);
    }

    /// <summary>Answers a tail requested now with these records and the present end of the log.</summary>
    public void Tail(params LoggedRecord[] records) => Tail(Horizon.Snapshot(Now), records);

    public void Tail(RequestSnapshot snapshot, params LoggedRecord[] records) =>
        Horizon.Tailed(new TailReply(TailState.Records, Generation, _sequence, _lastId, records), snapshot);

    public Operation Raise(params InvalidationTarget[] targets)
    {
        var operation = new Operation(Record(targets), Now);
        Horizon.Raise(operation);
        return operation;
    }

    public bool Acknowledge(Operation operation, LoggedRecord logged) => Acknowledge(operation, logged, Horizon.Snapshot(Now));

    public bool Acknowledge(Operation operation, LoggedRecord logged, RequestSnapshot snapshot) =>
        Horizon.Acknowledged(operation, new AppendReply(Generation, logged.Sequence, logged.PreviousId), snapshot, Now);

    /// <summary>Raises and acknowledges immediately.</summary>
    public Operation Invalidate(params InvalidationTarget[] targets)
    {
        var operation = Raise(targets);
        Assert.True(Acknowledge(operation, Log(operation.Record)));
        return operation;
    }

    public HorizonEffects Effects() => Horizon.DequeueEffects() ?? new HorizonEffects();

    /// <summary>Creates an entry that was read now and may be stored.</summary>
    public Held Keep(string key, params string[] tags)
    {
        var set = Horizon.Tags.Hold(tags);
        Assert.True(Horizon.MayStore(key, set, Horizon.Position.Sequence, View.Epoch), "a value read now may be kept");
        return new Held(key, set, Horizon.Position.Sequence, View.Epoch, View.SelectorCount);
    }

    /// <summary>True if a value of this load may be stored.</summary>
    public bool MayStore(LoadTicket load, string key, params string[] tags)
    {
        var set = Horizon.Tags.Hold(tags);
        var may = load.Trusted && Horizon.MayStore(key, set, load.Stamp, load.Epoch);
        Horizon.Tags.Release(set);
        return may;
    }

    /// <summary>Judges a value of the second level received now, or received when this number of tails had begun.</summary>
    public RemoteValidity Judge(LoadTicket load, string key, long stamp, long sequence, long? tails = null, InvalidationTarget[]? listed = null, params string[] tags)
    {
        var set = Horizon.Tags.Hold(tags);
        var judgement = Horizon.ValidateRemote(key, set, new RemoteAnswer(new StoredAs(stamp, stamp, tags), sequence, listed ?? [], tails ?? Horizon.TailsBegun), load, Now, out _);
        Horizon.Tags.Release(set);
        return judgement;
    }

    /// <summary>Judges a value of the second level that carries some of the tags.</summary>
    /// <returns>Stamp to store the value with; null if the value is not to be used.</returns>
    public long? Judge(LoadTicket load, string key, long stamp, long sequence, string[] carried, params string[] tags)
    {
        var set = Horizon.Tags.Hold(tags);
        var judgement = Horizon.ValidateRemote(key, set, new RemoteAnswer(new StoredAs(stamp, stamp, carried), sequence, [], Horizon.TailsBegun), load, Now, out var keptAs);
        Horizon.Tags.Release(set);
        return judgement == RemoteValidity.Valid ? keptAs : null;
    }

    /// <summary>Judges a value received now by a plain read of the second level.</summary>
    /// <returns>Stamp to store the value with; null if the value is rejected.</returns>
    public long? Take(LoadTicket load, string key, long stamp, long confirmed, string[] carried, params string[] tags)
    {
        var set = Horizon.Tags.Hold(tags);
        var may = Horizon.MayStoreRemote(key, set, new StoredAs(stamp, confirmed, carried), load, Now, out var keptAs);
        Horizon.Tags.Release(set);
        return may ? keptAs : null;
    }

    public LoadTicket Begin(string key, params string[] tags)
    {
        var set = Horizon.Tags.Hold(tags);
        var load = Horizon.BeginLoad(key, set, Now, mayAskRemote: true);
        Horizon.Tags.Release(set);
        return load;
    }

    public int Drop(string key, long below)
    {
        Dropped.Add(key);
        OnDrop?.Invoke(key);
        return 1;
    }

    public void Sweep(SweepQueue batch, long now)
    {
    }
}
