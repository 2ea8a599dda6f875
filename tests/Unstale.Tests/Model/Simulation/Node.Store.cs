using Unstale.Horizon;

namespace Unstale.Tests.Model.Simulation;

/// <content>Memory of the node, and sweeps of both levels.</content>
internal sealed partial class Node
{
    private readonly Dictionary<string, NodeEntry> _entries = new(StringComparer.Ordinal);
    private bool _sweeping;

    public IEnumerable<NodeEntry> ValidEntries => _entries.Values.Where(_horizon.View.IsValid);

    public int Drop(string key, long below)
    {
        if (!_entries.TryGetValue(key, out var entry) || entry.Stamp >= below)
            return 0;
        Remove(entry);
        return 1;
    }

    public void Sweep(SweepQueue batch, long now)
    {
        foreach (var entry in _entries.Values.Where(e => !_horizon.View.IsValid(e) && !_horizon.IsSpared(e)).ToList())
        {
            batch.CauseOf(entry)?.Count();
            Remove(entry);
        }
    }

    public void SweepMemory()
    {
        var batch = _horizon.DequeueSweeps();
        Sweep(batch, _schedule.Now);
        batch.Finish();
        if (_entries.Count > 0 && _schedule.Chance(.3))
            Evict();
    }

    /// <summary>Evicts one entry.</summary>
    public void Evict()
    {
        if (_entries.Count > 0)
            Remove(_schedule.AnyOf([.. _entries.Values]));
    }

    public void SweepRemote()
    {
        if (_sweeping || Generation == Generation.None || !_horizon.IsReady)
            return;
        _sweeping = true;
        var generation = Generation;
        var keys = World.Keys.OrderBy(_ => _schedule.Below(0, 1000)).ToList();
        Call("sweep start", server => server.StartSweep(generation), reply =>
        {
            if (reply is SelectorCache { Count: > 0 } listed)
                Page(listed, 0);
            else
                _sweeping = false;
        });

        void Page(SelectorCache listed, int at)
        {
            if (at == keys.Count)
                Call("sweep finish", server => server.FinishSweep(generation, listed), _ => _sweeping = false);
            else
                Call("sweep page", server => server.SweepKey(generation, keys[at], listed), reply => Next(reply is not null, listed, at + 1));
        }

        void Next(bool goesOn, SelectorCache listed, int at)
        {
            if (goesOn)
                Page(listed, at);
            else
                _sweeping = false;
        }
    }

    private void Store(string key, int value, TagSet tags, long stamp)
    {
        if (_entries.TryGetValue(key, out var old))
            Remove(old);
        var view = _horizon.View;
        _entries.Add(key, new NodeEntry(key, tags, stamp, view.Epoch, view.SelectorCount, value));
    }

    private void Remove(NodeEntry entry)
    {
        _entries.Remove(entry.Key);
        _horizon.Tags.Release(entry.Tags);
    }
}

internal sealed class NodeEntry(string key, TagSet tags, long stamp, int epoch, int selectorSeen, int value)
    : StampedEntry(key, tags, stamp, epoch, selectorSeen)
{
    public int Value => value;
}
