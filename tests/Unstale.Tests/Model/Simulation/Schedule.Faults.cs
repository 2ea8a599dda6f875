using Unstale.Log;

namespace Unstale.Tests.Model.Simulation;

/// <content>Actions of writers, and faults.</content>
internal sealed partial class Schedule
{
    /// <summary>
    /// Commits to the source, then invalidates. Writers of a key wait while the key is being set: callers of one key determine the order
    /// themselves.
    /// </summary>
    private void Write(Node node)
    {
        if (Chance(Profile.Sets))
        {
            Set(node, AnyOf(World.Keys));
            return;
        }

        var target = Chance(.03) ? InvalidationTarget.Everything : AnyOf(World.Targets);
        if (Chance(Profile.Globs))
            target = AnyOf(World.Patterns);
        if (Chance(Profile.Strangers))
            target = AnyOf(World.Strangers);
        if (Profile.OldCode > 0 && Chance(.6))
            target = InvalidationTarget.ForTag(World.NewTag);
        if (target.Kind == TargetKind.Key && _locked.ContainsKey(target.Text))
            return;
        foreach (var key in World.Keys.Where(k => World.IsConcerned(target, k)))
            Source[key]++;
        Count("writes");
        node.Invalidate(target);
    }

    private void Set(Node node, string key)
    {
        if (_locked.ContainsKey(key))
            return;
        var target = InvalidationTarget.ForKey(key);
        foreach (var taken in World.Keys.Where(k => World.IsConcerned(target, k)))
            Source[taken]++;
        Count("sets");
        var raised = node.Invalidate(target, new SetValue(key, Source[key]));
        if (!raised.IsApplied)
            _locked[key] = raised;
    }

    private void Replicate()
    {
        for (var left = _random.Next(Master.Unreplicated.Count + 1); left > 0; left--)
        {
            _replica = Master.Unreplicated[0](_replica);
            Master.Unreplicated.RemoveAt(0);
        }
    }

    private void Disturb()
    {
        if (Chance(Profile.Late) && Abandoned.Count > 0)
            ExecuteLate();
        if (Profile.Evictions > 0 && Chance(Profile.Evictions))
            AnyOf(Nodes).Evict();
        if (Profile.Freeze > 0 && Chance(Profile.Freeze) && Connections.ToList() is { Count: > 0 } connections)
            AnyOf(connections).FrozenUntil = Now + Below(30, 300);
        if (Chance(Profile.Reconnect))
        {
            var node = AnyOf(Nodes);
            if (node.Connection is null || (node.Connection.Server != Master && Chance(.15)))
                node.Connect(Master);
        }

        if (Chance(Profile.Cut))
        {
            Count("connections cut");
            AnyOf(Nodes).Disconnect();
        }

        if (Chance(Profile.Breaks) && Counts.GetValueOrDefault("failovers") + Counts.GetValueOrDefault("failbacks") < Profile.Failures)
            FailOver();
        if (Chance(Profile.Restart))
            Restart(AnyOf(Nodes));
        if (Profile.Moves > 0 && Chance(Profile.Moves))
            Move();
        if (Profile.DroppedNodes > 0 && Chance(Profile.DroppedNodes))
            Master.DropMember();
    }

    /// <summary>
    /// Moves the address to another server with its own history. The previous server is neither notified nor stopped, and has all its data when
    /// the address returns.
    /// </summary>
    private void Move()
    {
        var next = _servers.Find(s => s != Master);
        if (next is null)
            _servers.Add(next = new Server(this, _servers.Count));
        else if (Chance(.2))
            next.Wipe();
        else if (!MayComeBack(next))
            return;
        Count("moves");
        Trace("the address leads to another server");
        Master.LeftAt = Now;
        Master = next;
        Nodes.ForEach(static n => n.Disconnect());
        Abandoned.Clear();
    }

    /// <summary>True if the server may return. With correct clocks, only after an absence too long to excuse lost records.</summary>
    private bool MayComeBack(Server server)
    {
        if (Chance(Profile.ClocksLie))
        {
            server.SetClock(Below(0, (int)World.Bound));
            return true;
        }

        if (Now - server.LeftAt <= World.Bound)
            return false;
        if (Chance(.3))
            server.SetClock(-Below(5_000, 6_000)); // a last confirmation beyond the end of the schedule
        Checker.CameBack(server);
        return true;
    }

    private void ExecuteLate()
    {
        var at = _random.Next(Abandoned.Count);
        var (connection, request) = Abandoned[at];
        Abandoned.RemoveAt(at);
        if (!connection.Server.IsAlive || !Chance(.5))
            return;
        Count("executed late");
        Trace($"{connection.Node} {request.Name} executed late");
        request.Script(connection.Server);
    }

    private void FailOver()
    {
        var old = Master;
        if (Chance(Profile.Failback))
        {
            FailBack(old);
            return;
        }

        Count("failovers");
        var next = new Server(this, _servers.Count);
        _servers.Add(next);
        Promote(next);
        if (Chance(.6))
        {
            Count("split brains");
            old.DeposedAt = Now;
        }
        else
        {
            old.IsAlive = false;
        }
    }

    /// <summary>Returns from A to B and back before any node connects to B, or to an older server, with or without its recent writes.</summary>
    private void FailBack(Server old)
    {
        Count("failbacks");
        var others = _servers.FindAll(s => s.IsAlive && s != old);
        if (others.Count > 0 && Chance(.3))
        {
            Promote(AnyOf(others));
            old.DeposedAt = Now;
        }
        else
        {
            Promote(old);
        }

        foreach (var node in Nodes.Where(n => n.Connection is not null && Chance(.4)).ToList())
            node.Disconnect();
    }

    /// <summary>Makes the replica's state the new master. Changes not replicated are lost.</summary>
    private void Promote(Server server)
    {
        Trace($"failover, {Master.Unreplicated.Count} changes lost");
        Count("lost writes", Master.Unreplicated.Count);
        Master.Unreplicated.Clear();
        server.BecomeMaster(_replica);
        Master = server;
    }

    private void Restart(Node old)
    {
        Count("nodes restarted");
        Trace($"{old} restarts");
        old.Disconnect();
        _steps.RemoveAll(s => s.Node == old);
        Abandoned.RemoveAll(a => a.Connection.Node == old && a.Request.IsSet);
        Nodes.Remove(old);
        foreach (var raised in _locked.Values.Where(r => r.Node == old).Distinct().ToList())
            Unlock(raised);
        var node = new Node(this, old.Index) { ConnectionNumber = old.ConnectionNumber };
        Nodes.Add(node);
        node.Connect(Master);
    }

    /// <summary>Stops the faults and lets every node catch up.</summary>
    private void Rest()
    {
        foreach (var server in _servers.Where(s => s != Master))
            server.IsAlive = false;
        foreach (var node in Nodes)
            node.Connect(Master);
        for (var i = 0; i < 40; i++)
        {
            Now++;
            Nodes.ForEach(Beat);
            Drain();
        }
    }

    private void Drain()
    {
        for (var round = 0; round < 2000; round++)
        {
            var worked = false;
            foreach (var connection in Connections.ToList())
                worked |= Serve(connection);
            while (_steps.Count > 0)
            {
                worked = true;
                var (_, step) = _steps[0];
                _steps.RemoveAt(0);
                step();
            }

            if (!worked)
                return;
        }

        throw new Violation("at rest: the nodes do not come to rest");
    }

    private bool Serve(Connection connection)
    {
        var worked = connection.Requests.Count + connection.Replies.Count > 0;
        while (connection.Pushes.TryDequeue(out var push))
            connection.Node.Pushed(push.Generation, push.Record);
        if (connection.Requests.Count > 0)
            Execute(connection);
        if (connection.Replies.TryDequeue(out var reply))
            reply.Answered(reply.Reply);
        return worked;
    }
}
