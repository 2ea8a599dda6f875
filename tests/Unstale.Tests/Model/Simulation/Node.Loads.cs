using Unstale.Horizon;

namespace Unstale.Tests.Model.Simulation;

/// <content>Reads that miss, as in the product's loader, each step separately.</content>
internal sealed partial class Node
{
    private readonly Dictionary<string, NodeLoad> _loads = new(StringComparer.Ordinal);

    public void Read(string key)
    {
        var waiter = NewWaiter(key, key == World.Changed && _schedule.Profile.OldCode > 0 && _schedule.Chance(_schedule.Profile.OldCode));
        if (_entries.TryGetValue(key, out var entry) && _horizon.View.StateOf(entry, long.MaxValue, long.MaxValue, _schedule.Now) == EntryState.Live)
        {
            // A hit is judged by the tags of the entry.
            _schedule.Checker.Read(this, key, World.IsOld(key, entry.Tags.Tags) ? NewWaiter(key, isOld: true) : waiter, entry.Value, "memory");
            return;
        }

        if (entry is not null && IsTrusted && _horizon.IsSpared(entry))
        {
            _schedule.Checker.ReadOnceMore(this, entry.Key, entry.Value);
            Remove(entry);
        }

        if (_loads.TryGetValue(key, out var load) && MayJoin(load, waiter.IsOld))
        {
            _schedule.Count(load.Ticket.Trusted ? "joined" : "joined untrusted");
            AddTags(load, World.Declared(key, waiter.IsOld));
            load.Waiters.Add(waiter);
            return;
        }

        Start(key, [waiter]);
    }

    private Waiter NewWaiter(string key, bool isOld) => new(_schedule.Now, _horizon.Tick, isOld ? RequiredByOld : Required[key], isOld);

    /// <summary>Adds tags of a call: the value is judged by the tags of all calls that share the load.</summary>
    private void AddTags(NodeLoad load, string[] tags)
    {
        var all = _horizon.Tags.Hold([.. load.Tags.Tags.Union(tags)]);
        _horizon.Tags.Release(load.Tags);
        load.Tags = all;
    }

    private bool MayJoin(NodeLoad load, bool isOld)
    {
        var tags = _horizon.Tags.Hold(World.Declared(load.Key, isOld));
        var may = _horizon.MayJoin(load.Ticket, load.Key, tags, _schedule.Now);
        _horizon.Tags.Release(tags);
        return may;
    }

    private void Start(string key, List<Waiter> waiters)
    {
        var isOld = waiters.TrueForAll(static w => w.IsOld);
        var tags = _horizon.Tags.Hold(World.Declared(key, isOld));
        var load = new NodeLoad(key, _horizon.BeginLoad(key, tags, _schedule.Now, mayAskRemote: true), tags, waiters);
        _loads[key] = load;
        if (!load.Ticket.MayAskRemote)
            Load(load, null);
        else
            Call("read", server => server.Read(key), reply => ReadAs(load, reply as StoredAnswer));
    }

    /// <summary>Judges the result of a plain read on this node alone. Calls the server where the node cannot decide.</summary>
    private void ReadAs(NodeLoad load, StoredAnswer? answer)
    {
        if (answer?.Held is { } held && held.Generation == load.Ticket.Remote!.Generation && TryTake(load, held))
            return;
        if (answer is null)
        {
            Load(load, null);
            return;
        }

        var token = _schedule.NewId();
        Call("get or lease", server => server.GetOrLease(load.Key, load.Ticket.Remote!.Generation, token), reply => Got(load, reply as GetAnswer, token));
    }

    private bool TryTake(NodeLoad load, Envelope held)
    {
        var tags = _horizon.Tags.Hold([.. load.Tags.Tags.Union(held.Tags)]);
        var may = _horizon.MayStoreRemote(load.Key, tags, held.As, load.Ticket, _schedule.Now, out var stamp);
        if (may)
        {
            _schedule.Count(held.Confirmed > held.Stamp ? "taken as confirmed" : "taken as stored");
            if (tags.Tags.Length > held.Tags.Length)
                _schedule.Count("taken with more tags");
            Complete(load, held.Value, stamp, tags.Tags, "redis");
        }

        _horizon.Tags.Release(tags);
        return may;
    }

    private void Got(NodeLoad load, GetAnswer? answer, long token)
    {
        if (answer?.Held is { } held)
            Judge(new Suspect(load, held, new RemoteAnswer(held.As, answer.Sequence, answer.Listed, _horizon.TailsBegun)));
        else
            Load(load, answer is { IsLeased: true } ? token : null);
    }

    private void Load(NodeLoad load, long? token) => _schedule.Later(this, () =>
    {
        var value = _schedule.Source[load.Key];
        _schedule.Later(this, () => Loaded(load, value, token));
    });

    private void Loaded(NodeLoad load, int value, long? token)
    {
        string[] carried = [.. load.Tags.Tags.Union(World.TagsOf(load.Key, load.Waiters[0].IsOld))];
        Complete(load, value, load.Ticket.Stamp, carried, "source");
        if (token is not { } lease)
            return;
        var envelope = new Envelope(value, load.Ticket.Remote!.Generation, load.Ticket.Stamp, carried);
        if (_schedule.Chance(.95))
            Call("fill", server => server.Load(load.Key, lease, envelope), _ => { });
        else
            Call("release", server => server.Release(load.Key, lease), _ => { });
    }

    private void Complete(NodeLoad load, int value, long stamp, string[] carried, string level)
    {
        var key = load.Key;
        if (_loads.GetValueOrDefault(key) == load)
            _loads.Remove(key);
        var tags = _horizon.Tags.Hold(carried);
        if (load.Ticket.Trusted && _horizon.MayStore(key, tags, stamp, load.Ticket.Epoch))
            Store(key, value, _horizon.Tags.Hold(tags.Tags), stamp);
        var first = _horizon.FirstMark(load.Ticket, key, tags.Tags);
        _horizon.Tags.Release(tags);
        _horizon.Tags.Release(load.Tags);
        var late = load.Waiters.FindAll(w => w.Tick >= first && w.Tick > load.Ticket.Tick);
        foreach (var waiter in load.Waiters.Except(late))
            _schedule.Checker.Read(this, key, waiter, value, level);
        if (late.Count == 0)
            return;
        _schedule.Count("late joiners restarted");
        Start(key, late);
    }
}

internal sealed record NodeLoad(string Key, LoadTicket Ticket, TagSet Tags, List<Waiter> Waiters)
{
    /// <summary>Tags of all calls that share the load.</summary>
    public TagSet Tags { get; set; } = Tags;
}

/// <param name="Start">Time at which the read began.</param>
/// <param name="Tick">Number of marks at that time.</param>
/// <param name="Required">Newest version invalidated on this node at that time.</param>
/// <param name="IsOld">Whether old code reads, which names fewer tags.</param>
internal sealed record Waiter(long Start, long Tick, int Required, bool IsOld);
