namespace Unstale.Rules;

/// <summary>Set of nodes, optimized for one or a few members: a single reference for one, a list for up to 8, and a hash set for more.</summary>
internal struct NameSet
{
    private const int Few = 8;

    private object? _held;

    public readonly bool IsEmpty => _held is null;

    public bool Add(NameNode node)
    {
        switch (_held)
        {
            case null:
                _held = node;
                return true;
            case NameNode one:
                if (one == node)
                    return false;
                _held = new List<NameNode>(2) { one, node };
                return true;
            case List<NameNode> few:
                if (few.Contains(node))
                    return false;
                if (few.Count == Few)
                    _held = new HashSet<NameNode>(few) { node };
                else
                    few.Add(node);
                return true;
            default:
                return ((HashSet<NameNode>)_held).Add(node);
        }
    }

    public bool Remove(NameNode node)
    {
        switch (_held)
        {
            case NameNode one when one == node:
                _held = null;
                return true;
            case List<NameNode> few when few.Remove(node):
                _held = few.Count == 0 ? null : few;
                return true;
            case HashSet<NameNode> many when many.Remove(node):
                _held = many.Count > Few ? many : many.Count == 0 ? null : many.ToList();
                return true;
            default:
                return false;
        }
    }

    /// <summary>Adds all nodes to the list.</summary>
    public readonly void CopyTo(List<NameNode> list)
    {
        switch (_held)
        {
            case NameNode one:
                list.Add(one);
                break;
            case IEnumerable<NameNode> several:
                list.AddRange(several);
                break;
            default:
                break;
        }
    }
}
