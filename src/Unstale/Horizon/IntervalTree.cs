using Unstale.Predicates;

namespace Unstale.Horizon;

/// <summary>
/// Ranges of one column, all of comparable values: a treap ordered by the lower bound, in which each node has the highest upper bound below it. Finds the
/// ranges around a value in O(log n + matches).
/// </summary>
internal sealed class IntervalTree
{
    private readonly Random _priorities = new(17); // any sequence balances the tree, because nobody chooses it together with the ranges
    private long _inserted;
    private Node? _root;

    public bool IsEmpty => _root is null;

    public void Add(HeldPredicate held)
    {
        var node = new Node(held, ++_inserted, _priorities.Next());
        Split(_root, node, out var left, out var right);
        _root = Merge(Merge(left, node), right);
    }

    public void Remove(HeldPredicate held) => _root = Remove(_root, held);

    /// <summary>Calls a method with each range that contains the value, bounds included.</summary>
    public void FindAround(in ColumnValue value, Action<HeldPredicate> found) => FindAround(_root, value, found);

    /// <summary>Calls a method with all ranges.</summary>
    public void FindAll(Action<HeldPredicate> found) => FindAll(_root, found);

    private static void FindAll(Node? node, Action<HeldPredicate> found)
    {
        if (node is null)
            return;
        FindAll(node.Left, found);
        found(node.Held);
        FindAll(node.Right, found);
    }

    private static void FindAround(Node? node, in ColumnValue value, Action<HeldPredicate> found)
    {
        while (node is not null && IsAtLeast(node.Highest, value))
        {
            FindAround(node.Left, value, found);
            if (node.From is { } from && ColumnValue.Compare(from, value) > 0)
                return; // and so are all ranges to the right
            if (IsAtLeast(node.To, value))
                found(node.Held);
            node = node.Right;
        }
    }

    private static Node? Remove(Node? node, HeldPredicate held)
    {
        if (node is null)
            return null;
        if (node.Held == held)
            return Merge(node.Left, node.Right);

        // Equal bounds may lie on both sides. The order of insertion decides between them.
        var order = Order(held, node);
        if (order <= 0)
            node.Left = Remove(node.Left, held);
        if (order >= 0)
            node.Right = Remove(node.Right, held);
        node.Update();
        return node;
    }

    private static int Order(HeldPredicate held, Node node) => CompareLower(held.Predicate.Home!.From, node.From);

    private static void Split(Node? node, Node at, out Node? left, out Node? right)
    {
        if (node is null)
        {
            (left, right) = (null, null);
            return;
        }

        var order = CompareLower(node.From, at.From);
        if (order < 0 || (order == 0 && node.Number < at.Number))
        {
            Split(node.Right, at, out var middle, out right);
            node.Right = middle;
            left = node;
        }
        else
        {
            Split(node.Left, at, out left, out var middle);
            node.Left = middle;
            right = node;
        }

        node.Update();
    }

    private static Node? Merge(Node? left, Node? right)
    {
        if (left is null || right is null)
            return left ?? right;
        Node top;
        if (left.Priority > right.Priority)
        {
            left.Right = Merge(left.Right, right);
            top = left;
        }
        else
        {
            right.Left = Merge(left, right.Left);
            top = right;
        }

        top.Update();
        return top;
    }

    /// <summary>Compares lower bounds; no bound is below all others.</summary>
    private static int CompareLower(ColumnValue? one, ColumnValue? other) =>
        one is { } a ? other is { } b ? ColumnValue.Compare(a, b) : 1 : other is null ? 0 : -1;

    /// <summary>Returns whether an upper bound is not below a value; no bound is above all values.</summary>
    private static bool IsAtLeast(ColumnValue? bound, in ColumnValue value) => bound is not { } high || ColumnValue.Compare(high, value) >= 0;

    private sealed class Node(HeldPredicate held, long number, int priority)
    {
        public HeldPredicate Held => held;

        public long Number => number;

        public int Priority => priority;

        public ColumnValue? From { get; } = held.Predicate.Home!.From;

        public ColumnValue? To { get; } = held.Predicate.Home!.To;

        /// <summary>Highest upper bound of the node and all nodes below; null for no bound.</summary>
        public ColumnValue? Highest { get; private set; } = held.Predicate.Home!.To;

        public Node? Left { get; set; }

        public Node? Right { get; set; }

        public void Update()
        {
            Highest = To;
            Include(Left);
            Include(Right);
        }

        private void Include(Node? below)
        {
            if (below is not null && Highest is { } highest && (below.Highest is not { } other || ColumnValue.Compare(other, highest) > 0))
                Highest = below.Highest;
        }
    }
}
