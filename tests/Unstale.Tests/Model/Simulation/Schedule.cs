using Unstale.Log;

namespace Unstale.Tests.Model.Simulation;

/// <summary>One schedule: three nodes, a server with a replica, readers, writers and faults, all determined by one seed.</summary>
internal sealed partial class Schedule
{
    private readonly Random _random;
    private readonly List<string>? _trace;
    private readonly List<(Node Node, Action Step)> _steps = [];
    private readonly Dictionary<string, Raised> _locked = new(StringComparer.Ordinal);
    private readonly List<Server> _servers = [];
    private ServerData _replica = new();
    private long _ids;

    public Schedule(int seed, Profile profile, List<string>? trace = null)
    {
        _random = new Random(seed);
        _trace = trace;
        Profile = profile;
        Checker = new Checker(this);
        Master = new Server(this, 0);
        _servers.Add(Master);
        for (var i = 0; i < World.Nodes; i++)
        {
            Nodes.Add(new Node(this, i));
            Nodes[i].Connect(Master);
        }
    }

    public Profile Profile { get; }

    public Checker Checker { get; }

    public long Now { get; private set; }

    public RecordOrigin Origin { get; } = new("node", "schedule");

    /// <summary>True version of each key.</summary>
    public Dictionary<string, int> Source { get; } = World.Keys.ToDictionary(k => k, _ => 0, StringComparer.Ordinal);

    public Server Master { get; private set; }

    public List<Node> Nodes { get; } = [];

    /// <summary>Requests of closed connections, which may still be executed.</summary>
    public List<(Connection Connection, Request Request)> Abandoned { get; } = [];

    /// <summary>Number of events by kind.</summary>
    public SortedDictionary<string, long> Counts { get; } = new(StringComparer.Ordinal);

    public IEnumerable<Connection> Connections => Nodes.Select(n => n.Connection).OfType<Connection>();

    public long NewId() => ++_ids;

    public void Count(string what, long times = 1) => Counts[what] = Counts.GetValueOrDefault(what) + times;

    public void Trace(string what) => _trace?.Add($"{Now,5} {what}");

    public void Later(Node node, Action step) => _steps.Add((node, step));

    public bool Chance(double of) => _random.NextDouble() < of;

    public long Below(int least, int limit) => _random.Next(least, limit);

    public T AnyOf<T>(IReadOnlyList<T> list) => list[_random.Next(list.Count)];

    public void Unlock(Raised raised)
    {
        foreach (var (key, _) in _locked.Where(l => l.Value == raised).ToList())
            _locked.Remove(key);
    }

    public void Run(int steps)
    {
        for (var i = 0; i < steps; i++)
            Step();
        Rest();
        Checker.AtRest();
    }

    private void Step()
    {
        Now++;
        Act(_random.NextDouble());
        if (Chance(Profile.Sweeps))
            AnyOf(Nodes).SweepRemote();
        Disturb();
    }

    private void Act(double x)
    {
        if (x < .58)
            Converse();
        else if (x < .68)
            Push();
        else if (x < .80)
            Proceed();
        else if (x < .80 + Profile.Heartbeats)
            Beat(AnyOf(Nodes));
        else if (x < .955 - Profile.Writes)
            AnyOf(Nodes).Read(Profile.OldCode > 0 && Chance(.7) ? World.Changed : AnyOf(World.Keys));
        else if (x < .955)
            Write(AnyOf(Nodes));
        else if (x < .975)
            Replicate();
        else if (x < .979)
            AnyOf(Nodes).SweepMemory();
    }

    private void Converse()
    {
        var busy = Connections.Where(c => (c.Requests.Count > 0 || c.Replies.Count > 0) && c.FrozenUntil < Now).ToList();
        if (busy.Count == 0)
            return;
        var connection = AnyOf(busy);
        var isDue = connection.Replies.TryPeek(out var reply) && reply.Due <= Now;
        if (isDue && (connection.Requests.Count == 0 || Chance(.6)))
            connection.Replies.Dequeue().Answered(reply.Reply);
        else if (connection.Requests.Count > 0)
            Execute(connection);
    }

    private void Execute(Connection connection)
    {
        var at = Profile.Ordered ? 0 : _random.Next(Math.Min(3, connection.Requests.Count));
        var request = connection.Requests[at];
        connection.Requests.RemoveAt(at);
        if (connection.Server.IsAlive)
        {
            Trace($"{connection.Node} {request.Name} executed");
            connection.Replies.Enqueue((request.Script(connection.Server), Now + connection.Delay, request.Answered));
            return;
        }

        Later(connection.Node, () => request.Answered(null));
        connection.Node.Disconnect();
    }

    private void Push()
    {
        var busy = Connections.Where(c => c.Pushes.Count > 0 && c.FrozenUntil < Now).ToList();
        if (busy.Count == 0)
            return;
        var connection = AnyOf(busy);
        var (generation, record) = connection.Pushes.Dequeue();
        if (connection.Delay > 0 || Chance(Profile.Drop))
            Count("pushes dropped");
        else
            connection.Node.Pushed(generation, record);
    }

    /// <summary>Executes one waiting step: part of a load, or a late reply.</summary>
    private void Proceed()
    {
        if (_steps.Count == 0 || !Chance(Profile.Hold))
            return;
        var at = _random.Next(_steps.Count);
        var (_, step) = _steps[at];
        _steps.RemoveAt(at);
        step();
    }

    private static void Beat(Node node)
    {
        node.Heartbeat();
        node.Timers();
        node.AskEverywhere();
    }
}
