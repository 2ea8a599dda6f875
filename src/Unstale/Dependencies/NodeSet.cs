namespace Unstale.Dependencies;

/// <summary>Set of nodes, optimized for one or a few members: a single reference for one, a list for up to 8, and a hash set for more.</summary>
internal struct NodeSet
{
    private const int Few = 8;

    private object? _held;

    public readonly bool IsEmpty => _held is null;

    public bool Add(GraphNode node)
    {
        switch (_held)
        {
            case null:
                _held = node;
                return true;
            case GraphNode one:
                if (one == node)
                    return false;
                _held = new List<GraphNode>(2) { one, node };
                return true;
            case List<GraphNode> few:
                if (few.Contains(node))
                    return false;
                if (few.Count == Few)
                    _held = new HashSet<GraphNode>(few) { node };
                else
                    few.Add(node);
                return true;
            default:
                return ((HashSet<GraphNode>)_held).Add(node);
        }
    }

    public bool Remove(GraphNode node)
    {
        switch (_held)
        {
            case GraphNode one when one == node:
                _held = null;
                return true;
            case List<GraphNode> few when few.Remove(node):
                _held = few.Count == 0 ? null : few;
                return true;
            case HashSet<GraphNode> many when many.Remove(node):
                _held = many.Count > Few ? many : many.Count == 0 ? null : many.ToList();
                return true;
            default:
                return false;
        }
    }

    /// <summary>Adds all nodes to the list.</summary>
    public readonly void CopyTo(List<GraphNode> list)
    {
        switch (_held)
        {
            case GraphNode one:
                list.Add(one);
                break;
            case IEnumerable<GraphNode> several:
                list.AddRange(several);
                break;
            default:
                break;
        }
    }
}
