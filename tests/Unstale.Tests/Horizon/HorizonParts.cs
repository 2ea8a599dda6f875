using Unstale.Horizon;
using Unstale.Log;

namespace Unstale.Tests.Horizon;

/// <summary>The parts of a horizon without the facade, over a log that the test writes by hand.</summary>
internal sealed class HorizonParts
{
    public const long Bound = 5_000;

    private static readonly RecordOrigin Origin = new("node", "tests");

    private long _ids;

    public HorizonParts(HorizonSettings? settings = null)
    {
        settings ??= new HorizonSettings { StalenessBound = Bound };
        Trust = new TrustWindow(settings, View);
        Index = new InvalidationIndex(settings, View, () => Forgotten++);
        Log = new LogFollower(settings, View, Index, Trust, Work);
        Appends = new OutgoingAppends(settings, target => Record(target), Log, Index, Trust, Work);
    }

    public HorizonView View { get; } = new();

    public RequestedWork Work { get; } = new();

    public TrustWindow Trust { get; }

    public InvalidationIndex Index { get; }

    public LogFollower Log { get; }

    public OutgoingAppends Appends { get; }

    /// <summary>Number of times that the index reported everything as forgotten.</summary>
    public int Forgotten { get; private set; }

    public Generation Generation { get; } = Generation.Create();

    public InvalidationRecord Record(params InvalidationTarget[] targets) => new(++_ids, targets, Origin, DateTimeOffset.UnixEpoch);

    public Operation Operation(params InvalidationTarget[] targets) => new(Record(targets), startedAt: _ids);

    public HorizonEffects Effects() => Work.Dequeue() ?? new HorizonEffects();

    public RequestSnapshot Ask() => new(Log.Generation, View.Epoch, Index.Tick, Log.Seen, Log.Cursor, 0) { Tails = Log.TailsBegun };

    /// <summary>Enters a generation at a sequence, and takes the effects of this.</summary>
    public void Adopt(long sequence = 0, long lastId = 0, Generation? generation = null)
    {
        Log.Tailed(new TailReply(TailState.OtherGeneration, generation ?? Generation, sequence, lastId, []), Ask());
        Work.Dequeue();
    }

    public void Push(long sequence, long previousId, long id) =>
        Log.Pushed(Generation, new LoggedRecord(sequence, previousId, new InvalidationRecord(id, InvalidationTarget.ForTag("t"), Origin, DateTimeOffset.UnixEpoch)));

    public FollowedTail Tail(long sequence, long lastId, params LoggedRecord[] records) =>
        Log.Tailed(new TailReply(TailState.Records, Generation, sequence, lastId, records), Ask());

    public AppendReply Reply(long sequence, long previousId = 0) => new(Log.Generation, sequence, previousId);
}
