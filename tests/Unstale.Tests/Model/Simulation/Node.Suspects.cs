using Unstale.Horizon;

namespace Unstale.Tests.Model.Simulation;

/// <content>Values of the second level, and suspected ones that wait for a tail.</content>
internal sealed partial class Node
{
    private readonly List<Suspect> _suspects = [];

    /// <summary>Uses the value, loads another, or waits for a tail.</summary>
    private void Judge(Suspect suspect)
    {
        var (load, held, answer) = suspect;
        var tags = _horizon.Tags.Hold([.. load.Tags.Tags.Union(held.Tags)]);
        var judgement = _horizon.ValidateRemote(load.Key, tags, answer, load.Ticket, _schedule.Now, out var stamp);
        Wake();
        if (judgement == RemoteValidity.NeedsConfirmation)
        {
            Wait(suspect);
        }
        else if (judgement == RemoteValidity.Valid)
        {
            if (_horizon.TailsBegun > answer.Tails)
                _schedule.Count("suspects taken");
            if (tags.Tags.Length > held.Tags.Length)
                _schedule.Count("taken with more tags");
            Complete(load, held.Value, stamp, tags.Tags, "redis");
        }
        else
        {
            AskLease(load);
        }

        _horizon.Tags.Release(tags);
    }

    private void Wait(Suspect suspect)
    {
        _suspects.Add(suspect);
        if (_horizon.TailsBegun > suspect.Answer.Tails)
            return;
        _schedule.Count("suspected");
        Heartbeat();
    }

    /// <summary>Judges the suspects again after a tail.</summary>
    private void JudgeAgain()
    {
        foreach (var suspect in TakeSuspects(_ => true))
            Judge(suspect);
    }

    /// <summary>Ends the wait for this tail and all earlier ones, which will not complete.</summary>
    private void GiveUp(long tail)
    {
        foreach (var suspect in TakeSuspects(s => s.Answer.Tails < tail))
        {
            _schedule.Count("suspects given up");
            AskLease(suspect.Load);
        }
    }

    private List<Suspect> TakeSuspects(Predicate<Suspect> which)
    {
        var taken = _suspects.FindAll(which);
        _suspects.RemoveAll(which);
        return taken;
    }

    private void AskLease(NodeLoad load)
    {
        var token = _schedule.NewId();
        Call("lease", server => server.Lease(load.Key, load.Ticket.Remote!.Generation, token), reply => Load(load, reply is null ? null : token));
    }

    private sealed record Suspect(NodeLoad Load, Envelope Held, RemoteAnswer Answer);
}
