using Unstale.Horizon;
using Unstale.Log;

namespace Unstale.Tests.Model.Simulation;

/// <content>Invalidations and sets.</content>
internal sealed partial class Node
{
    private readonly Dictionary<Operation, Raised> _raised = [];
    private readonly List<Raised> _waiting = [];

    public Raised Invalidate(InvalidationTarget target, SetValue? set = null)
    {
        var isSoft = _schedule.Profile.Soft > 0 && target.Kind == TargetKind.Tag && _schedule.Chance(_schedule.Profile.Soft);
        var operation = new Operation(NewRecord(target, isSoft ? RecordFlags.ServeStaleOnce : RecordFlags.None), _schedule.Now);
        var raised = Know(operation, _schedule.Checker.VersionsOf(target), set);
        _waiting.Add(raised);
        _schedule.Trace($"{this} raises {raised}");

        // The position that a set is judged by is taken at the call, before the operation is pending.
        var request = set is not null && IsTrusted && Connection is { } connection
            ? new SetRequest(set.Key, set.Value, Generation, _horizon.Snapshot(_schedule.Now).Cursor, Index, connection.Number)
            : null;
        _horizon.Raise(operation);
        Send(raised, request);
        Wake();
        return raised;
    }

    /// <summary>Returns calls at their deadline. Their operations continue.</summary>
    public void Timers()
    {
        foreach (var raised in _waiting.Where(r => !r.HasReturned && _schedule.Now - r.StartedAt > World.Deadline))
        {
            _schedule.Count("returned queued");
            Return(raised);
        }

        _waiting.RemoveAll(r => r.HasReturned);
    }

    private void Send(Raised raised, SetRequest? set)
    {
        var snapshot = _horizon.Snapshot(_schedule.Now);
        if (!_horizon.MaySend(raised.Operation))
            return;
        Call("append", server => server.Append(raised, set), Answered, set is not null);

        void Answered(object? reply)
        {
            if (reply is AppendAnswer answer)
                Acknowledged(raised, answer, snapshot);
            else
                _horizon.Failed(raised.Operation);
            Wake();
        }
    }

    private void Acknowledged(Raised raised, AppendAnswer answer, RequestSnapshot snapshot)
    {
        var taken = _horizon.Acknowledged(raised.Operation, answer.Reply, snapshot, _schedule.Now);
        _schedule.Trace($"{this} append of {raised} answered {answer.Reply.Sequence} written {answer.Written} taken {taken}");
        if (taken && raised.Operation.IsApplied)
            Applied(raised);
        if (!taken || !answer.Written)
            return;
        var (key, value) = raised.Set!;
        var tags = _horizon.Tags.Hold(World.TagsOf(key));
        if (IsTrusted && _horizon.MaySet(key, tags, answer.Reply.Sequence, snapshot))
        {
            _schedule.Count("sets stored");
            Store(key, value, tags, answer.Reply.Sequence);
        }
        else
        {
            _horizon.Tags.Release(tags);
        }
    }

    /// <summary>Returns the call once its record is applied. The horizon reports operations that had to wait for others.</summary>
    private void Applied(Raised raised)
    {
        if (raised.IsApplied)
            return;
        raised.IsApplied = true;
        Return(raised);
        WaitEverywhere(raised);
        _schedule.Unlock(raised);
    }

    private void Return(Raised raised)
    {
        if (raised.HasReturned)
            return;
        raised.HasReturned = true;
        foreach (var (key, version) in raised.Versions)
        {
            Required[key] = Math.Max(Required[key], version);
            RequiredAlways[key] = Math.Max(RequiredAlways[key], raised.IsSoft ? 0 : version);
            if (key == World.Changed && raised.ConcernsOld)
                RequiredByOld = Math.Max(RequiredByOld, version);
        }
    }

    /// <summary>Returns the entry of an operation. The horizon creates operations itself: an "everything" in place of too many others.</summary>
    private Raised RaisedOf(Operation operation)
    {
        if (_raised.TryGetValue(operation, out var raised))
            return raised;
        _schedule.Count("collapsed");
        raised = Know(operation, _schedule.Checker.VersionsOf(InvalidationTarget.Everything), set: null);
        raised.HasReturned = true; // no caller
        raised.Covers.AddRange(operation.Covers!.Alive().Select(RaisedOf));
        return raised;
    }

    private Raised Know(Operation operation, Dictionary<string, int> versions, SetValue? set)
    {
        var raised = new Raised(operation, this, versions, _schedule.Now, set);
        _raised.Add(operation, raised);
        _schedule.Checker.Raised(raised);
        return raised;
    }
}
