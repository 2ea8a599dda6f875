using System.Collections.Concurrent;
using Unstale.Log;
using Unstale.Predicates;
using Unstale.Values;

namespace Unstale.Dependencies;

/// <summary>
/// Graph of declared dependencies between keys and names, with the tags last carried on this node by keys that have dependents. A name is both
/// a key and a tag. Names without any connection are removed.
/// </summary>
internal sealed class DependencyGraph
{
    /// <summary>
    /// Maximum number of recorded tags. Further tags are not recorded, and a key without recorded tags is treated as carrying every tag.
    /// Default: 1,000,000.
    /// </summary>
    private readonly int _maximumLearnt;
    private readonly Lock _gate = new();

    // Changed under the gate. Read without the gate to skip names outside the graph at no cost.
    private readonly ConcurrentDictionary<string, GraphNode> _nodes = new(StringComparer.Ordinal);
    private NodeSet _untold;

    /// <summary>Keys whose values are invalidated by any later record.</summary>
    private NodeSet _takenByAny;
    private int _learnt;
    private int _count;
    private long _walk;

    public DependencyGraph(int maximumLearnt = 1_000_000) => _maximumLearnt = maximumLearnt;

    /// <summary>Number of pairs of a key and a name the key depends on.</summary>
    public int Count => Volatile.Read(ref _count);

    public bool IsEmpty => Count == 0;

    /// <summary>Number of names in the graph.</summary>
    public int Names => _nodes.Count;

    /// <exception cref="ArgumentException">A name is rejected, or no name is given to depend on.</exception>
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

    /// <param name="key">Dependent key.</param>
    /// <param name="on">Names to remove; none removes all.</param>
    /// <returns>False if none of the names was declared.</returns>
    public bool Remove(string key, IEnumerable<string> on)
    {
        string[] names = [.. on];
        lock (_gate)
        {
            if (!_nodes.TryGetValue(key, out var node))
                return false;
            var gone = new List<GraphNode>();
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

    /// <summary>Records the names carried by an entry, if another key depends on the key of the entry. Marks of keys begin with U+0000.</summary>
    public void Observe(string key, ReadOnlySpan<string> tags)
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
            ObserveTags(node, tags.ToArray());
        }
    }

    /// <summary>
    /// Returns the names carried by an entry of the key because of its declarations: names, marks of keys and recorded tags of all direct and
    /// indirect dependencies.
    /// </summary>
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
            var way = new List<GraphNode>();
            start.On.CopyTo(way);
            for (var i = 0; i < way.Count; i++)
            {
                var node = way[i];
                if (node.Walk == _walk)
                    continue;
                node.Walk = _walk;
                names.Add(node.Name);
                if (node != start)
                    names.Add(DependencyTag.ForDeclaredKey(node.Name));
                names.UnionWith(node.Learnt ?? []);
                node.On.CopyTo(way);
            }

            return [.. names];
        }
    }

    /// <summary>Adds the keys declared to depend on targets that do not wait for the batch window.</summary>
    /// <param name="named">Invalidation. Returned unchanged if no key depends on its targets.</param>
    /// <param name="recursive">Whether to follow all declared steps. False: only keys one declared step away, and values made from such keys.</param>
    public Invalidation WithDependents(Invalidation named, bool recursive = true)
    {
        if (!recursive)
            named = named with { IsDirect = true };
        if (IsEmpty)
            return named;
        using var all = InvalidationBuilder.Rent();
        foreach (ref readonly var item in named.Items.Span)
            all.Add(item);
        for (var timing = InvalidationTiming.Immediate; timing < InvalidationTiming.Batched; timing++)
        {
            if (named.At(timing) is { } alike)
                Expand(alike.Items.Span).AddTo(all, alike.Items.Span, recursive);
        }

        return all.Count == named.Count ? named : named with { Items = all.ToArray() };
    }

    /// <summary>Returns the keys that depend directly or indirectly on the targets, nearest first. Keys named by a target are omitted.</summary>
    public Dependents Expand(ReadOnlySpan<InvalidationItem> named)
    {
        if (IsEmpty || !MayReach(named))
            return Dependents.None;
        lock (_gate)
            return new DependencyWalk(_nodes, _untold, _takenByAny, ++_walk).From(named);
    }

    /// <summary>
    /// Returns whether the targets may have dependents. Reads without the gate: a declaration or recorded tag of the same moment may count as later.
    /// </summary>
    private bool MayReach(ReadOnlySpan<InvalidationItem> named)
    {
        if (!_takenByAny.IsEmpty)
            return true;
        foreach (ref readonly var item in named)
        {
            var target = item.Target;
            if (target.Kind is not (TargetKind.Key or TargetKind.Tag) || _nodes.ContainsKey(target.Text) || (target.Kind == TargetKind.Tag && !_untold.IsEmpty))
                return true;
        }

        return false;
    }

    private GraphNode Node(string name)
    {
        if (!_nodes.TryGetValue(name, out var node))
            _nodes[name] = node = new(name);
        return node;
    }

    private static string NameOfPredicate(string name) => DependencyTag.ForTable(PredicateNames.Parse(name)?.Table ?? "");

    private static string NameOfNode(string name) =>
        DependencyTag.IsPredicate(name) ? NameOfPredicate(name) : DependencyTag.Is(name) ? DependencyTag.KeyOf(name).ToString() : name;

    private void ObserveTags(GraphNode node, string[] tags)
    {
        if (_learnt + tags.Length > _maximumLearnt)
        {
            _untold.Add(node);
            return;
        }

        foreach (var tag in tags)
        {
            if (DependencyTag.IsPredicate(tag))
                Node(NameOfPredicate(tag)).Carriers.Add(node);
            else if (string.Equals(tag, DependencyTag.AnyRecord, StringComparison.Ordinal))
                _takenByAny.Add(node);
            else if (DependencyTag.IsDeclared(tag))
                Node(tag[2..]).DeclaredFrom.Add(node);
            else if (tag[0] == DependencyTag.First)
                Node(tag[1..]).MadeFrom.Add(node);
            else
                Node(tag).Carriers.Add(node);
        }

        _learnt += tags.Length;
        node.Learnt = tags;
    }

    private void Unlearn(GraphNode node)
    {
        _untold.Remove(node);
        _takenByAny.Remove(node);
        var tags = node.Learnt ?? [];
        node.Learnt = null;
        _learnt -= tags.Length;
        foreach (var tag in tags)
        {
            if (!_nodes.TryGetValue(NameOfNode(tag), out var other))
                continue;
            if (DependencyTag.IsPredicate(tag))
                other.Carriers.Remove(node);
            else if (DependencyTag.IsDeclared(tag))
                other.DeclaredFrom.Remove(node);
            else if (DependencyTag.Is(tag))
                other.MadeFrom.Remove(node);
            else
                other.Carriers.Remove(node);
            if (other != node)
                Reclaim(other);
        }
    }

    private void Reclaim(GraphNode node)
    {
        if (node.IsDead)
            _nodes.TryRemove(node.Name, out _);
    }
}
