using System.Collections.Concurrent;
using Unstale.Log;

namespace Unstale.Rules;

/// <summary>
/// What keys were declared to be computed from, and which tags those last carried here. A name is a key and a tag; names that
/// nothing leads to or from are forgotten.
/// </summary>
internal sealed class DependencyGraph
{
    /// <summary>More tags than this are not learnt; keys whose tags are not known depend on every tag.</summary>
    private readonly int _maximumLearnt;
    private readonly Lock _gate = new();

    // Changed under the gate. Looked into without it, to see at no cost that a name has no part in this.
    private readonly ConcurrentDictionary<string, NameNode> _nodes = new(StringComparer.Ordinal);
    private NameSet _untold;

    /// <summary>Keys whose values any later record takes.</summary>
    private NameSet _takenByAny;
    private int _learnt;
    private int _count;
    private long _walk;

    public DependencyGraph(int maximumLearnt = 1_000_000) => _maximumLearnt = maximumLearnt;

    /// <summary>How many pairs of a key and a name that it depends on there are.</summary>
    public int Count => Volatile.Read(ref _count);

    public bool IsEmpty => Count == 0;

    /// <summary>Names that are remembered.</summary>
    public int Names => _nodes.Count;

    /// <exception cref="ArgumentException">A name is refused, or there is none to depend on.</exception>
    public void Add(string key, IEnumerable<string> on)
    {
        RuleNames.Check(key, "key");
        string[] names = [.. on];
        foreach (var name in names)
            RuleNames.CheckType(name, "dependency");
        if (names.Length == 0)
            throw Errors.DependsOnNothing(key);
        lock (_gate)
        {
            var node = Node(key);
            foreach (var name in names)
            {
                var other = Node(name);
                if (!other.Dependents.Add(node))
                    continue;
                node.On.Add(other);
                _count++;
            }
        }
    }

    /// <param name="key">The key.</param>
    /// <param name="on">Names; none means all.</param>
    /// <returns>False if none of them was declared.</returns>
    public bool Remove(string key, IEnumerable<string> on)
    {
        string[] names = [.. on];
        lock (_gate)
        {
            if (!_nodes.TryGetValue(key, out var node))
                return false;
            var gone = new List<NameNode>();
            node.On.CopyTo(gone);
            if (names.Length > 0)
                gone.RemoveAll(other => Array.IndexOf(names, other.Name) < 0);
            foreach (var other in gone)
            {
                node.On.Remove(other);
                other.Dependents.Remove(node);
                _count--;
                if (other.Dependents.IsEmpty)
                    Unlearn(other);
                Reclaim(other);
            }

            Reclaim(node);
            return gone.Count > 0;
        }
    }

    /// <summary>Learns what an entry carries, if something depends on it; marks of keys begin with U+0000.</summary>
    public void Kept(string key, string[] tags)
    {
        if (!_nodes.ContainsKey(key))
            return;
        lock (_gate)
        {
            if (!_nodes.TryGetValue(key, out var node) || node.Dependents.IsEmpty)
                return;
            if (node.Learnt is { } known && known.AsSpan().SequenceEqual(tags))
                return;
            Unlearn(node);
            Learn(node, tags);
        }
    }

    /// <summary>What an entry of the key carries because of its declarations: marks of the keys, tags, and what was learnt of them, all the way.</summary>
    public IReadOnlyList<string> NamesOf(string key)
    {
        if (!_nodes.ContainsKey(key))
            return [];
        lock (_gate)
        {
            if (!_nodes.TryGetValue(key, out var start) || start.On.IsEmpty)
                return [];
            _walk++;
            var names = new HashSet<string>(StringComparer.Ordinal);
            var way = new List<NameNode>();
            start.On.CopyTo(way);
            for (var i = 0; i < way.Count; i++)
            {
                var node = way[i];
                if (node.Walk == _walk)
                    continue;
                node.Walk = _walk;
                names.Add(node.Name);
                if (node != start)
                    names.Add(KeyMark.OfDeclared(node.Name));
                names.UnionWith(node.Learnt ?? []);
                node.On.CopyTo(way);
            }

            return [.. names];
        }
    }

    /// <summary>The keys that depend on what is taken, all the way, nearest first; those that are taken by name anyway are left out.</summary>
    public Dependents Expand(IReadOnlyList<InvalidationTarget> taken)
    {
        if (IsEmpty || !MayReach(taken))
            return Dependents.None;
        lock (_gate)
            return new DependencyWalk(_nodes, _untold, _takenByAny, ++_walk).From(taken);
    }

    /// <summary>Without the gate: what is declared or learnt at this moment may count as later.</summary>
    private bool MayReach(IReadOnlyList<InvalidationTarget> taken)
    {
        if (!_takenByAny.IsEmpty)
            return true;
        for (var i = 0; i < taken.Count; i++)
        {
            var target = taken[i];
            if (target.Kind is not (TargetKind.Key or TargetKind.Tag) || _nodes.ContainsKey(target.Text) || (target.Kind == TargetKind.Tag && !_untold.IsEmpty))
                return true;
        }

        return false;
    }

    private NameNode Node(string name)
    {
        if (!_nodes.TryGetValue(name, out var node))
            _nodes[name] = node = new(name);
        return node;
    }

    private void Learn(NameNode node, string[] tags)
    {
        if (_learnt + tags.Length > _maximumLearnt)
        {
            _untold.Add(node);
            return;
        }

        foreach (var tag in tags)
        {
            if (string.Equals(tag, KeyMark.AnyRecord, StringComparison.Ordinal))
                _takenByAny.Add(node);
            else if (KeyMark.IsDeclared(tag))
                Node(tag[2..]).DeclaredFrom.Add(node);
            else if (tag[0] == KeyMark.First)
                Node(tag[1..]).MadeFrom.Add(node);
            else
                Node(tag).Carriers.Add(node);
        }

        _learnt += tags.Length;
        node.Learnt = tags;
    }

    private void Unlearn(NameNode node)
    {
        _untold.Remove(node);
        _takenByAny.Remove(node);
        var tags = node.Learnt ?? [];
        node.Learnt = null;
        _learnt -= tags.Length;
        foreach (var tag in tags)
        {
            if (!_nodes.TryGetValue(KeyMark.Is(tag) ? KeyMark.KeyOf(tag).ToString() : tag, out var other))
                continue;
            if (KeyMark.IsDeclared(tag))
                other.DeclaredFrom.Remove(node);
            else if (KeyMark.Is(tag))
                other.MadeFrom.Remove(node);
            else
                other.Carriers.Remove(node);
            if (other != node)
                Reclaim(other);
        }
    }

    private void Reclaim(NameNode node)
    {
        if (node.IsDead)
            _nodes.TryRemove(node.Name, out _);
    }
}
