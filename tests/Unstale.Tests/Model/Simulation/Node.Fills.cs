using Unstale.Horizon;

namespace Unstale.Tests.Model.Simulation;

/// <content>Reads that miss, as in the product's loader, each step separately.</content>
internal sealed partial class Node
{
    private readonly Dictionary<string, NodeFill> _fills = new(StringComparer.Ordinal);

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

        if (_fills.TryGetValue(key, out var fill) && MayJoin(fill, waiter.IsOld))
        {
            _schedule.Count(fill.Ticket.Trusted ? "joined" : "joined untrusted");
            AddTags(fill, World.Declared(key, waiter.IsOld));
            fill.Waiters.Add(waiter);
            return;
        }

        Start(key, [waiter]);
    }

    private Waiter NewWaiter(string key, bool isOld) => new(_schedule.Now, _horizon.Tick, isOld ? RequiredByOld : Required[key], isOld);

    /// <summary>Adds tags of a call: the value is judged by the tags of all calls that share the load.</summary>
    private void AddTags(NodeFill fill, string[] tags)
    {
        var all = _horizon.Tags.Hold([.. fill.Tags.Tags.Union(tags)]);
        _horizon.Tags.Release(fill.Tags);
        fill.Tags = all;
    }

    private bool MayJoin(NodeFill fill, bool isOld)
    {
        var tags = _horizon.Tags.Hold(World.Declared(fill.Key, isOld));
        var may = _horizon.MayJoin(fill.Ticket, fill.Key, tags, _schedule.Now);
        _horizon.Tags.Release(tags);
        return may;
    }

    private void Start(string key, List<Waiter> waiters)
    {
        var isOld = waiters.TrueForAll(static w => w.IsOld);
        var tags = _horizon.Tags.Hold(World.Declared(key, isOld));
        var fill = new NodeFill(key, _horizon.BeginFill(key, tags, _schedule.Now), tags, waiters);
        _fills[key] = fill;
        if (!fill.Ticket.MayAskRemote)
            Load(fill, null);
        else
            Call("read", server => server.Read(key), reply => ReadAs(fill, reply as StoredAnswer));
    }

    /// <summary>Judges the result of a plain read on this node alone. Calls the server where the node cannot decide.</summary>
    private void ReadAs(NodeFill fill, StoredAnswer? answer)
    {
        if (answer?.Held is { } held && held.Generation == fill.Ticket.Generation && TryTake(fill, held))
            return;
        if (answer is null)
        {
            Load(fill, null);
            return;
        }

        var token = _schedule.NewId();
        Call("get or lease", server => server.GetOrLease(fill.Key, fill.Ticket.Generation, token), reply => Got(fill, reply as GetAnswer, token));
    }

    private bool TryTake(NodeFill fill, Envelope held)
    {
        var tags = _horizon.Tags.Hold([.. fill.Tags.Tags.Union(held.Tags)]);
        var may = _horizon.MayTake(fill.Key, tags, held.As, fill.Ticket, _schedule.Now, out var stamp);
        if (may)
        {
            _schedule.Count(held.Confirmed > held.Stamp ? "taken as confirmed" : "taken as stored");
            if (tags.Tags.Length > held.Tags.Length)
                _schedule.Count("taken with more tags");
            Complete(fill, held.Value, stamp, tags.Tags, "redis");
        }

        _horizon.Tags.Release(tags);
        return may;
    }

    private void Got(NodeFill fill, GetAnswer? answer, long token)
    {
        if (answer?.Held is { } held)
            Judge(new Suspect(fill, held, new RemoteAnswer(held.As, answer.Sequence, answer.Listed, _horizon.TailsBegun)));
        else
            Load(fill, answer is { IsLeased: true } ? token : null);
    }

    private void Load(NodeFill fill, long? token) => _schedule.Later(this, () =>
    {
        var value = _schedule.Source[fill.Key];
        _schedule.Later(this, () => Loaded(fill, value, token));
    });

    private void Loaded(NodeFill fill, int value, long? token)
    {
        string[] carried = [.. fill.Tags.Tags.Union(World.TagsOf(fill.Key, fill.Waiters[0].IsOld))];
        Complete(fill, value, fill.Ticket.Stamp, carried, "source");
        if (token is not { } lease)
            return;
        var envelope = new Envelope(value, fill.Ticket.Generation, fill.Ticket.Stamp, carried);
        if (_schedule.Chance(.95))
            Call("fill", server => server.Fill(fill.Key, lease, envelope), _ => { });
        else
            Call("release", server => server.Release(fill.Key, lease), _ => { });
    }

    private void Complete(NodeFill fill, int value, long stamp, string[] carried, string level)
    {
        var key = fill.Key;
        if (_fills.GetValueOrDefault(key) == fill)
            _fills.Remove(key);
        var tags = _horizon.Tags.Hold(carried);
        if (fill.Ticket.Trusted && _horizon.MayStore(key, tags, stamp, fill.Ticket.Epoch))
            Store(key, value, _horizon.Tags.Hold(tags.Tags), stamp);
        var first = _horizon.FirstMark(fill.Ticket, key, tags.Tags);
        _horizon.Tags.Release(tags);
        _horizon.Tags.Release(fill.Tags);
        var late = fill.Waiters.FindAll(w => w.Tick >= first && w.Tick > fill.Ticket.Tick);
        foreach (var waiter in fill.Waiters.Except(late))
            _schedule.Checker.Read(this, key, waiter, value, level);
        if (late.Count == 0)
            return;
        _schedule.Count("late joiners restarted");
        Start(key, late);
    }
}

internal sealed record NodeFill(string Key, FillTicket Ticket, TagSet Tags, List<Waiter> Waiters)
{
    /// <summary>Tags of all calls that share the load.</summary>
    public TagSet Tags { get; set; } = Tags;
}

/// <param name="Start">Time at which the read began.</param>
/// <param name="Tick">Number of marks at that time.</param>
/// <param name="Required">Newest version invalidated on this node at that time.</param>
/// <param name="IsOld">Whether old code reads, which names fewer tags.</param>
internal sealed record Waiter(long Start, long Tick, int Required, bool IsOld);
