using Unstale.Log;

namespace Unstale.Tests.Model.Simulation;

/// <summary>Requests and replies in order. Pushes are in order, but not ordered with the replies.</summary>
internal sealed class Connection
{
    public Connection(Schedule schedule, Node node, Server server, int number)
    {
        Node = node;
        Server = server;
        Number = number;
        var isSlow = schedule.Profile.Latency > 0 && schedule.Chance(schedule.Profile.Latency);
        Delay = isSlow ? schedule.Below(100, 300) : 0;
    }

    public Node Node { get; }

    public Server Server { get; }

    public int Number { get; set; }

    /// <summary>Delay of every reply. A connection with a delay loses its pushes.</summary>
    public long Delay { get; }

    public long FrozenUntil { get; set; }

    public List<Request> Requests { get; } = [];

    public Queue<(object? Reply, long Due, Action<object?> Answered)> Replies { get; } = [];

    public Queue<(Generation Generation, LoggedRecord Record)> Pushes { get; } = [];
}

/// <param name="Name">Name for the trace.</param>
/// <param name="Script">Action of the server.</param>
/// <param name="Answered">Action of the node on the reply. A null reply means that none arrived.</param>
/// <param name="IsSet">Whether the request writes a value beside the record.</param>
internal sealed record Request(string Name, Func<Server, object?> Script, Action<object?> Answered, bool IsSet = false);
