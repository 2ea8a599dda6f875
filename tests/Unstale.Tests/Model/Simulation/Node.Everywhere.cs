using Unstale.Log;
using Unstale.Node;

namespace Unstale.Tests.Model.Simulation;

/// <content>Generations of the node, and invalidations that wait until all nodes have applied them.</content>
internal sealed partial class Node
{
    private readonly MemberList _members = new(World.Bound);
    private readonly List<(Raised Raised, ConvergenceCheck Wait)> _everywhere = [];
    private ulong _highest;
    private Generation _storedIn;
    private long _storedSince;
    private readonly HashSet<Generation> _stoodIn = [];

    /// <summary>Time at which the node entered its generation for the first time; null if the node was in that generation before.</summary>
    public long? StoredFirstSince { get; private set; }

    public Generation NextGeneration() => new(((UInt128)(_highest + 1) << 64) | (UInt128)_schedule.NewId());

    /// <summary>Requests the members again for the waiting invalidations.</summary>
    public void AskEverywhere()
    {
        if (_everywhere.Count == 0)
            return;
        Call("members", static server => server.Members(), reply =>
        {
            if (reply is LogMembers members)
                TakeMembers(_members.Apply(members, _schedule.Now));
        });
    }

    private void TakeMembers(MembershipSnapshot received)
    {
        foreach (var waiting in _everywhere.ToList())
        {
            waiting.Wait.Apply(received, Needed(waiting.Raised, received.Generation), _schedule.Now);
            var place = new NodeStatus(Generation, _storedSince, _horizon.Replaying == 0);
            if (!waiting.Wait.IsOver(place, Needed(waiting.Raised, Generation), _schedule.Now, out _))
                continue;
            _everywhere.Remove(waiting);
            _schedule.Checker.AppliedEverywhere(waiting.Raised);
        }
    }

    private void WaitEverywhere(Raised raised)
    {
        if (_schedule.Profile.Everywhere == 0 || raised.Versions.Count == 0 || !_schedule.Chance(_schedule.Profile.Everywhere))
            return;
        _everywhere.Add((raised, new ConvergenceCheck(_schedule.Profile.Fence)));
        AskEverywhere();
    }

    private static long Needed(Raised raised, Generation generation) =>
        raised.Operation.Position is var position && position.Generation == generation ? position.Sequence : 0;

    private void Meet(Generation generation) => _highest = Math.Max(_highest, generation.Number);

    private void NoteGeneration()
    {
        if (Generation == Generation.None || Generation == _storedIn)
            return;
        (_storedIn, _storedSince) = (Generation, _schedule.Now);
        StoredFirstSince = _stoodIn.Add(Generation) ? _schedule.Now : null;
    }
}
