using Unstale.Log;

namespace Unstale.Tests.Model.Simulation;

/// <content>The second level.</content>
internal sealed partial class Server
{
    /// <summary>Returns the stored value of a plain read, without judgement.</summary>
    public StoredAnswer? Read(string key) => IsAlive ? new StoredAnswer(Data.Values.GetValueOrDefault(key)) : null;

    public GetAnswer? Get(string key, Generation generation)
    {
        if (!IsAlive)
            return null;
        var known = Data.Values.TryGetValue(key, out var held) && !IsBroken && Data.Generation == generation && held.Generation == generation;
        if (!known || Data.IsAbove(held!.Stamp, held.Tags))
            return new GetAnswer(null, 0, []);
        return new GetAnswer(held, Data.Sequence, [.. Data.Selector.Where(b => b.Sequence > held.Stamp).Select(b => b.Target)]);
    }

    /// <summary>Returns the value if valid, and confirms it; otherwise the lease, or null if another caller holds the lease.</summary>
    public GetAnswer? GetOrLease(string key, Generation generation, long token)
    {
        var answer = Get(key, generation);
        if (answer is { Held: { } held })
        {
            Confirm(key, held, answer);
            return answer;
        }

        return answer is null || Lease(key, generation, token) is null ? answer : answer with { IsLeased = true };
    }

    /// <summary>
    /// Records that the value is valid at the newest record by all its tags. The server does not match patterns, so a value below a listed
    /// pattern is not confirmed. A server with a broken history may lack records and confirms nothing.
    /// </summary>
    private void Confirm(string key, Envelope held, GetAnswer answer)
    {
        if (!IsWritable || IsReplicationChanged || answer.Listed.Length > 0 || answer.Sequence <= held.Confirmed || !schedule.Chance(.7))
            return;
        var confirmed = held with { Confirmed = answer.Sequence };
        Change(d => d with { Values = d.Values.SetItem(key, confirmed) });
        schedule.Count("confirmed");
    }

    /// <summary>Returns the sequence at the time of the grant, or null.</summary>
    public object? Lease(string key, Generation generation, long token)
    {
        if (!IsOpen(generation) || Data.Leases.ContainsKey(key))
            return null;
        var sequence = Data.Sequence;
        Change(d => d with { Leases = d.Leases.SetItem(key, (token, sequence)) });
        return sequence;
    }

    public object? Release(string key, long token)
    {
        if (IsWritable && Data.Leases.GetValueOrDefault(key).Token == token)
            Change(d => d with { Leases = d.Leases.Remove(key) });
        return null;
    }

    public object? Load(string key, long token, Envelope value)
    {
        if (!IsOpen(value.Generation))
            return null;
        BeginMarks(value.Tags);
        if (!Data.Leases.TryGetValue(key, out var lease) || lease.Token != token)
            return false;
        if (value.Stamp > lease.Sequence || value.Stamp < Data.NewestSelector || Data.IsAbove(value.Stamp, value.Tags))
            return false; // the first condition: a stamp of another history
        Change(d => d with { Values = d.Values.SetItem(key, value), Leases = d.Leases.Remove(key) });
        schedule.Count("redis filled");
        return true;
    }

    public SelectorCache? StartSweep(Generation generation) => IsOpen(generation) ? Data.Selector : null;

    public object? SweepKey(Generation generation, string key, SelectorCache listed)
    {
        if (!IsWritable || Data.Generation != generation)
            return null;
        if (listed.Exists(b => b.Target.Concerns(key, [])))
            Change(d => d with { Values = d.Values.Remove(key) });
        return true;
    }

    public object? FinishSweep(Generation generation, SelectorCache listed)
    {
        if (!IsOpen(generation))
            return null;
        Change(d => d.Swept(listed));
        schedule.Count("redis swept");
        return true;
    }

    /// <summary>Starts recording marks with the first value that carries one.</summary>
    private void BeginMarks(string[] tags)
    {
        var since = Data.Sequence;
        if (Data.Dependencies is null && ServerData.IsMarked(tags))
            Change(d => d with { Dependencies = since });
    }

    private bool IsOpen(Generation generation) => IsWritable && !IsBroken && Data.Generation == generation;

    private bool MaySet(SetRequest set) =>
        Data.Generation == set.Generation
        && !IsReplicationChanged
        && Data.Connections.GetValueOrDefault(set.Node) == set.Connection
        && set.Stamp >= Data.NewestSelector
        && !Data.IsAbove(set.Stamp, World.TagsOf(set.Key));
}

/// <param name="Held">The value; null for a miss.</param>
/// <param name="Sequence">Sequence of the newest record.</param>
/// <param name="Listed">Selectors above the value's stamp.</param>
internal sealed record GetAnswer(Envelope? Held, long Sequence, InvalidationTarget[] Listed)
{
    /// <summary>Whether there is no value and the lease was granted.</summary>
    public bool IsLeased { get; init; }
}

/// <param name="Held">The value; null for none.</param>
internal sealed record StoredAnswer(Envelope? Held);
