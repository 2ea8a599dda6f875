using Unstale.Horizon;
using Unstale.Log;

namespace Unstale.Tests.Model.Simulation;

/// <summary>One node: the product's horizon with a minimal store, loads and connections to drive it.</summary>
internal sealed partial class Node : ILocalStore
{
    private static readonly HorizonSettings Settings = new()
    {
        StalenessBound = World.Bound, ReplayCapacity = 64, RetryCapacity = 3, MaximumSelectors = 1, StripeBits = World.StripeBits,
    };

    private readonly Schedule _schedule;
    private readonly PartitionHorizon _horizon;

    public Node(Schedule schedule, int index)
    {
        _schedule = schedule;
        Index = index;
        Name = $"node {index} of {schedule.NewId()}";
        _horizon = new PartitionHorizon(Settings with { ReplayWindow = schedule.Profile.ReplayWindow }, NewRecord);
        _horizon.Add(this);
    }

    public int Index { get; }

    /// <summary>Unique name, never used by another process.</summary>
    public string Name { get; }

    public Generation Generation => _horizon.Position.Generation;

    public bool IsTrusted => _horizon.View.IsTrusted(_schedule.Now);

    public Connection? Connection { get; private set; }

    public int ConnectionNumber { get; set; }

    /// <summary>For the checker: newest version of each key whose invalidation has returned on this node.</summary>
    public Dictionary<string, int> Required { get; } = World.Keys.ToDictionary(k => k, _ => 0, StringComparer.Ordinal);

    /// <summary>The same for <see cref="World.Changed"/> and old code, which does not name the new tag.</summary>
    public int RequiredByOld { get; private set; }

    /// <summary>The same without the invalidations after which a value may be served once more.</summary>
    public Dictionary<string, int> RequiredAlways { get; } = World.Keys.ToDictionary(k => k, _ => 0, StringComparer.Ordinal);

    public override string ToString() => $"node {Index}";

    public void Connect(Server server)
    {
        Disconnect();
        Connection = new Connection(_schedule, this, server, ++ConnectionNumber);
        _horizon.Connected();
        Heartbeat();
    }

    /// <summary>Closes the connection. Replies are lost. Requests already written may still be executed, much later.</summary>
    public void Disconnect()
    {
        if (Connection is not { } given)
            return;
        Connection = null;
        _horizon.Disconnected();
        foreach (var reply in given.Replies)
            _schedule.Later(this, () => reply.Answered(null));
        foreach (var request in given.Requests)
        {
            _schedule.Later(this, () => request.Answered(null));
            _schedule.Abandoned.Add((given, request));
        }
    }

    public void Pushed(Generation generation, LoggedRecord record)
    {
        _horizon.Pushed(generation, record);
        Wake();
    }

    public void Heartbeat()
    {
        if (Connection is not { } connection)
            return;
        var request = _horizon.NextTail();
        var snapshot = _horizon.Snapshot(_schedule.Now);
        _tailing = true;
        Call("tail", server => server.Tail(request, this, connection.Number), Answered);

        void Answered(object? reply)
        {
            _tailing = false;
            if (reply is TailReply tailed && Connection == connection)
            {
                _schedule.Trace($"{this} tailed {tailed.State} {tailed.Sequence}");
                Meet(tailed.Generation);
                _horizon.Tailed(tailed, snapshot);
                NoteGeneration();
                Wake();
                JudgeAgain();
            }
            else
            {
                GiveUp(snapshot.Tails);
            }
        }
    }

    private bool _tailing;

    /// <summary>Executes the effects that the horizon requests.</summary>
    private void Wake()
    {
        while (_horizon.DequeueEffects() is { } effects)
        {
            foreach (var operation in effects.Applied)
                Applied(RaisedOf(operation));
            foreach (var operation in effects.Append)
                Send(RaisedOf(operation), set: null);
            if (effects.Forgotten)
                _schedule.Count("forgotten");
            if (effects.CreateInstead is { } generation)
                Call("create", server => server.Create(generation, NextGeneration()), reply => Created(reply is not null));
            if (effects.Tail && !_tailing)
                Heartbeat();
        }
    }

    private void Created(bool done)
    {
        if (done)
            Heartbeat();
    }

    private void Call(string name, Func<Server, object?> script, Action<object?> answered, bool isSet = false)
    {
        if (Connection is null)
            _schedule.Later(this, () => answered(null));
        else
            Connection.Requests.Add(new Request(name, script, answered, isSet));
    }

    private InvalidationRecord NewRecord(InvalidationTarget target) => NewRecord(target, RecordFlags.None);

    private InvalidationRecord NewRecord(InvalidationTarget target, RecordFlags flags) =>
        new(_schedule.NewId(), target, _schedule.Origin, DateTimeOffset.UnixEpoch) { Flags = flags };
}
