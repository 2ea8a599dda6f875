using Unstale.Horizon;

namespace Unstale.Tests.Model.Simulation;

/// <content>Reads that miss, as the product's loader does them, each step on its own.</content>
internal sealed partial class Node
{
    private readonly Dictionary<string, NodeFill> _fills = new(StringComparer.Ordinal);

    public void Read(string key)
    {
        var waiter = new Waiter(_schedule.Now, _horizon.Tick, Required[key]);
        if (_entries.TryGetValue(key, out var entry) && IsTrusted && _horizon.View.IsValid(entry))
        {
            _schedule.Checker.Read(this, key, waiter, entry.Value, "memory");
            return;
        }

        if (entry is not null && IsTrusted && _horizon.IsSpared(entry))
        {
            _schedule.Checker.ReadOnceMore(this, entry.Key, entry.Value);
            Remove(entry);
        }

        if (_fills.TryGetValue(key, out var fill) && MayJoin(fill))
        {
            _schedule.Count(fill.Ticket.Trusted ? "joined" : "joined untrusted");
            fill.Waiters.Add(waiter);
            return;
        }

        Start(key, [waiter]);
    }

    private bool MayJoin(NodeFill fill)
    {
        var tags = _horizon.Tags.Hold(World.Declared(fill.Key));
        var may = _horizon.MayJoin(fill.Ticket, fill.Key, tags, _schedule.Now);
        _horizon.Tags.Release(tags);
        return may;
    }

    private void Start(string key, List<Waiter> waiters)
    {
        var tags = _horizon.Tags.Hold(World.Declared(key));
        var fill = new NodeFill(key, _horizon.BeginFill(key, tags, _schedule.Now), tags, waiters);
        _fills[key] = fill;
        if (!fill.Ticket.MayAskRemote)
            Load(fill, null);
        else
            Call("get", server => server.Get(key, fill.Ticket.Generation), reply => Got(fill, reply as GetAnswer));
    }

    private void Got(NodeFill fill, GetAnswer? answer)
    {
        if (answer is null)
        {
            Load(fill, null);
            return;
        }

        if (answer.Held is not { } held)
        {
            AskLease(fill);
            return;
        }

        Judge(new Suspect(fill, held, new RemoteAnswer(held.Stamp, answer.Sequence, answer.Listed, _horizon.TailsBegun)));
    }

    private void Load(NodeFill fill, long? token) => _schedule.Later(this, () =>
    {
        var value = _schedule.Source[fill.Key];
        _schedule.Later(this, () => Loaded(fill, value, token));
    });

    private void Loaded(NodeFill fill, int value, long? token)
    {
        Complete(fill, value, fill.Ticket.Stamp, "source");
        if (token is not { } lease)
            return;
        var envelope = new Envelope(value, fill.Ticket.Generation, fill.Ticket.Stamp, World.TagsOf(fill.Key));
        if (_schedule.Chance(.95))
            Call("fill", server => server.Fill(fill.Key, lease, envelope), _ => { });
        else
            Call("release", server => server.Release(fill.Key, lease), _ => { });
    }

    private void Complete(NodeFill fill, int value, long stamp, string level)
    {
        var key = fill.Key;
        if (_fills.GetValueOrDefault(key) == fill)
            _fills.Remove(key);
        var tags = _horizon.Tags.Hold(World.TagsOf(key));
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

internal sealed record NodeFill(string Key, FillTicket Ticket, TagSet Tags, List<Waiter> Waiters);

/// <param name="Start">When the read began.</param>
/// <param name="Tick">The marks made by then.</param>
/// <param name="Required">The newest version that had been invalidated here by then.</param>
internal sealed record Waiter(long Start, long Tick, int Required);
