using System.Collections.Concurrent;
using Unstale.Log;
using Unstale.Values;

namespace Unstale.Dependencies;

/// <summary>Breadth-first walk over the dependency graph, under the lock of the graph. Visits each name once.</summary>
/// <param name="nodes">Nodes of the graph.</param>
/// <param name="untold">Keys without recorded tags, which may carry any tag.</param>
/// <param name="takenByAny">Keys whose values are invalidated by any record.</param>
/// <param name="walk">Number of this walk.</param>
internal sealed class DependencyWalk(ConcurrentDictionary<string, GraphNode> nodes, NodeSet untold, NodeSet takenByAny, long walk)
{
    private readonly List<GraphNode> _reached = [];
    private readonly List<GraphNode> _foundNodes = [];
    private readonly Dependents _found = new();

    public Dependents From(ReadOnlySpan<InvalidationItem> taken)
    {
        foreach (ref readonly var item in taken)
        {
            if (item.Target.Kind == TargetKind.Everything)
                return Dependents.None;
            if (item.Target.Kind == TargetKind.Key && nodes.TryGetValue(item.Target.Text, out var node))
                node.TakenBy = walk;
        }

        for (var from = 0; from < taken.Length; from++)
            Begin(taken[from].Target, from);
        if (taken.Length > 0)
        {
            takenByAny.CopyTo(_reached);
            VisitReachableFrom(start: 0, parent: Dependent.Taken, from: 0);
        }

        for (var next = 0; next < _found.Count; next++)
            VisitKey(_foundNodes[next], next, _found[next].From);

        return _found;
    }

    private void Begin(InvalidationTarget target, int from)
    {
        switch (target.Kind)
        {
            case TargetKind.Key:
                if (nodes.TryGetValue(target.Text, out var key))
                    VisitKey(key, parent: Dependent.Taken, from);
                break;
            case TargetKind.Tag:
                VisitTag(target.Text, from);
                break;
            case TargetKind.AllOf:
                // A dependent of one of the tags also depends on entries that carry all of the tags.
                foreach (var tag in target.Tags)
                    VisitTag(tag, from);
                break;
            case TargetKind.Row:
                VisitTag(DependencyTag.ForTable(target.Change!.Table), from);
                break;
            default:
                VisitPattern(target.Pattern!, from);
                break;
        }
    }

    private void VisitKey(GraphNode key, int parent, int from)
    {
        VisitDependentsOf(key, parent, from);
        var start = _reached.Count;
        key.MadeFrom.CopyTo(_reached);
        VisitReachableFrom(start, parent, from);
        key.DeclaredFrom.CopyTo(_reached);
        VisitReachableFrom(start, parent == Dependent.Taken ? Dependent.Declared : parent, from);
    }

    private void VisitTag(string tag, int from)
    {
        nodes.TryGetValue(tag, out var node);
        if (node is not null)
            VisitDependentsOf(node, parent: Dependent.Taken, from);
        var start = _reached.Count;
        untold.CopyTo(_reached);
        node?.Carriers.CopyTo(_reached);
        VisitReachableFrom(start, parent: Dependent.Taken, from);
    }

    private void VisitPattern(KeyPattern pattern, int from)
    {
        foreach (var (name, node) in nodes)
        {
            if (pattern.IsMatch(name))
                VisitKey(node, parent: Dependent.Taken, from);
        }
    }

    private void VisitReachableFrom(int start, int parent, int from)
    {
        var end = _reached.Count;
        for (var i = start; i < end; i++)
            VisitDependentsOf(_reached[i], parent, from);
        _reached.RemoveRange(start, _reached.Count - start);
    }

    private void VisitDependentsOf(GraphNode name, int parent, int from)
    {
        if (name.Walk == walk)
            return;
        name.Walk = walk;
        var start = _reached.Count;
        name.Dependents.CopyTo(_reached);
        for (var i = start; i < _reached.Count; i++)
        {
            // A key named by a target starts a walk of its own.
            var key = _reached[i];
            if (key.TakenBy == walk)
                continue;
            key.TakenBy = walk;
            _foundNodes.Add(key);
            _found.Add(new(key.Name, name.Name, parent, from));
        }

        _reached.RemoveRange(start, _reached.Count - start);
    }
}
