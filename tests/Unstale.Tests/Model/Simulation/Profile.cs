namespace Unstale.Tests.Model.Simulation;

/// <summary>Frequencies of the events of a schedule. Times are ticks; one tick is one step and one millisecond.</summary>
internal sealed record Profile(string Name)
{
    public double Writes { get; init; } = .012;

    /// <summary>Time for which a deposed server accepts writes.</summary>
    public long Fence { get; init; } = 40;

    public double Breaks { get; init; } = .0009;

    public double Failback { get; init; } = .35;

    public int Failures { get; init; } = 4;

    public double Drop { get; init; } = .04;

    public double Restart { get; init; } = .0006;

    public double Cut { get; init; } = .0015;

    public double Reconnect { get; init; } = .012;

    public double Sets { get; init; } = .15;

    /// <summary>Probability that a load proceeds.</summary>
    public double Hold { get; init; } = 1;

    public double Globs { get; init; }

    /// <summary>Frequency of invalidations that concern no cached value.</summary>
    public double Strangers { get; init; } = .1;

    public double Sweeps { get; init; } = .0035;

    public double Freeze { get; init; }

    /// <summary>Frequency of late executions of requests from closed connections.</summary>
    public double Late { get; init; } = .001;

    public double Latency { get; init; }

    public double Heartbeats { get; init; } = .04;

    /// <summary>Frequency of tag invalidations after which a value may be served once more.</summary>
    public double Soft { get; init; }

    /// <summary>Frequency of reads by old code, which names fewer tags.</summary>
    public double OldCode { get; init; }

    /// <summary>Frequency of evictions by size, in addition to sweeps.</summary>
    public double Evictions { get; init; }

    /// <summary>Number of records that the log retains.</summary>
    public int LogLength { get; init; } = 8;

    public bool Ordered { get; init; } = true;

    /// <summary>Frequency of changes of the address to another server with its own history and values.</summary>
    public double Moves { get; init; }

    /// <summary>
    /// Frequency with which the clock of a returning server hides its absence. Then only one guarantee is judged: a node does not serve a value
    /// from before an invalidation on the same node.
    /// </summary>
    public double ClocksLie { get; init; }

    /// <summary>Time for which own records are retained for another append.</summary>
    public long ReplayWindow { get; init; } = 3000;

    /// <summary>Share of invalidations that wait until all nodes have applied them.</summary>
    public double Everywhere { get; init; }

    /// <summary>Frequency of removals of a node from the server's list.</summary>
    public double DroppedNodes { get; init; }

    public static IReadOnlyList<Profile> All { get; } =
    [
        new("default"),
        new("quiet, long fence") { Writes = .004, Fence = 300 },
        new("many writes") { Writes = .035, Fence = 20 },
        new("failback") { Failback = 1, Breaks = .002, Failures = 6, Writes = .02, Cut = .0005, Restart = 0 },
        new("away") { Cut = .006, Reconnect = .003, Restart = .0002, LogLength = 2 },
        new("one long split") { Writes = .003, Fence = 800, Failures = 1, Failback = 0, Restart = 0 },
        new("patterns") { Globs = .7, Writes = .008, Sweeps = .02, Hold = .35, Breaks = .0002, Cut = .0005, Restart = .001 },
        new("sets") { Sets = .6, Writes = .02, Cut = .006, Late = .004, Reconnect = .03, Breaks = .0003, Restart = 0, Freeze = .006 },
        new("slow replies") { Freeze = .004, Writes = .006, Cut = .001, Breaks = .0005 },
        new("failback, slow")
        {
            Failback = 1, Breaks = .003, Failures = 8, Writes = .015, Cut = .0003, Restart = 0, Freeze = .002, Hold = .5, Drop = .6, Heartbeats = .015,
        },
        new("latency") { Latency = .6, Breaks = 0, Fence = 0, Cut = .002, Writes = .004 },
        new("failback, unseen")
        {
            Failback = 1, Breaks = .008, Failures = 20, Writes = .04, Sets = 0, Drop = 1, Heartbeats = .02, Cut = 0, Restart = 0, Late = 0, Reconnect = .001, Strangers = 0,
        },
        new("split, unordered") { Writes = .003, Fence = 800, Failures = 1, Breaks = .003, Failback = 0, Restart = 0, Ordered = false, Freeze = .002 },
        new("own histories")
        {
            Moves = .006, ReplayWindow = 200, Breaks = 0, Fence = 0, Late = 0, Restart = .004, Cut = .001, Reconnect = .03, Writes = .015, Sets = .05,
        },
        new("own histories, clocks lie")
        {
            Moves = .004, ClocksLie = .8, ReplayWindow = 30, Breaks = 0, Fence = 0, Late = 0, Restart = .0003, Cut = .001, Reconnect = .05, Writes = .008, Sets = .05,
        },
        new("everywhere")
        {
            Everywhere = 1, DroppedNodes = .01, Breaks = 0, Fence = 0, Late = 0, Drop = .5, Cut = .006, Reconnect = .01, Restart = .0003, Heartbeats = .07, Sets = .05, Writes = .008,
        },
        new("served once more") { Soft = .6, Writes = .02, Globs = .15, Breaks = .0006, Sets = .05 },
        new("old code beside new") { OldCode = .6, Evictions = .03, Writes = .012, Sets = 0, Restart = .001, Breaks = 0, Fence = 0, Drop = 1, Cut = 0, Strangers = 0, Heartbeats = .05 },
    ];
}
