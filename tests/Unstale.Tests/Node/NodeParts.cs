using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Log;
using Unstale.Memory;
using Unstale.Node;
using Unstale.Tests.Support;
using Unstale.Telemetry;
using Unstale.Values;

namespace Unstale.Tests.Node;

/// <summary>Parts of one node over a held session, each usable alone. The work that the horizon requests is run by hand.</summary>
internal sealed class NodeParts : IAsyncDisposable
{
    private static readonly RecordOrigin Origin = new("node", "tests");

    private long _ids;

    public NodeParts(HeldSession? session = null)
    {
        Session = session ?? new HeldSession();
        Monotonic = new MonotonicClock(Clock);
        Horizon = new PartitionHorizon(Settings, _ => Record("everything"));
        Sweeper = new Sweeper(Horizon, Monotonic);
        var outage = new OutageLog("log", Settings.StalenessBound, GuardedLogger.None);
        var lags = new LagMeter(Metrics, Origin.Node, Monotonic);
        Tails = new TailLoop(Horizon, Connection, Monotonic, TimeSpan.FromSeconds(1), outage, Changed, lags, () => Wakes++);
        Appends = new AppendQueue("log", Horizon, Sweeper, Connection, Tails, Monotonic, TimeSpan.FromSeconds(1), outage, lags, () => Wakes++);
        Positions = new PositionWaiter(Horizon, Tails, Changed, Monotonic, Settings);
        Convergence = new ConvergenceWaiter("log", Horizon, Tails.Generations, Changed, Monotonic, new NodeSettings(Settings));
        Connect();
    }

    public LogMetrics Metrics { get; } = new(meters: null, "log");

    public HeldSession Session { get; }

    public SteppedTimeProvider Clock { get; } = new();

    public MonotonicClock Monotonic { get; }

    public HorizonSettings Settings { get; } = new();

    public PartitionHorizon Horizon { get; }

    public Sweeper Sweeper { get; }

    public NodeConnection Connection { get; } = new();

    public AsyncSignal Changed { get; } = new();

    public TailLoop Tails { get; }

    public AppendQueue Appends { get; }

    public PositionWaiter Positions { get; }

    public ConvergenceWaiter Convergence { get; }

    public Generation Generation { get; } = Generation.Create();

    /// <summary>Number of requests to run the work of the horizon.</summary>
    public int Wakes { get; private set; }

    public InvalidationRecord Record(string key) => new(++_ids, InvalidationTarget.ForKey(key), Origin, DateTimeOffset.UnixEpoch);

    public void Connect()
    {
        Connection.Change(isOpen: true);
        Horizon.Connected();
    }

    /// <summary>Starts the parts, and brings the node into the generation of the log at a position.</summary>
    public NodeParts Follow(long sequence = 0)
    {
        Appends.Start(Session);
        Tails.Start(Session);
        Session.ReplyToTail(new TailReply(TailState.OtherGeneration, Generation, sequence, 0, []));
        return this;
    }

    public LogPosition At(long sequence) => new(0, Generation, sequence);

    public HorizonEffects TakeEffects()
    {
        lock (Horizon.Gate)
            return Horizon.DequeueEffects() ?? new HorizonEffects();
    }

    public async ValueTask DisposeAsync()
    {
        await Tails.DisposeAsync();
        await Appends.DisposeAsync();
        await Convergence.DisposeAsync();
        await Sweeper.DisposeAsync();
    }
}
