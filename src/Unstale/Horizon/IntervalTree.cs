using Unstale.Predicates;

namespace Unstale.Horizon;

/// <summary>
/// Ranges of one column, all of comparable values: a treap ordered by the lower bound, in which each node has the highest upper bounds below it. Finds the
/// ranges around a value in O(log n + matches). Bounds are rounded outwards, so that a node is small and a comparison cheap.
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

    public void Remove(HeldPredicate held) => _root = Remove(_root, held, LowerBound(held));

    /// <summary>Calls a method with each range that contains the value, bounds included, and with few others whose bound is a neighbour of the value.</summary>
    public void FindAround(in ColumnValue value, Action<HeldPredicate> found) => FindAround(_root, value.Rounded, found);

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

    private static void FindAround(Node? node, double value, Action<HeldPredicate> found)
    {
        while (node is not null)
        {
            if (node.HighestLeft >= value)
                FindAround(node.Left, value, found);
            if (node.From > value)
                return; // and so are all ranges to the right
            if (node.To >= value)
                found(node.Held);
            node = node.HighestRight >= value ? node.Right : null;
        }
    }

    private static Node? Remove(Node? node, HeldPredicate held, double from)
    {
        if (node is null)
            return null;
        if (node.Held == held)
            return Merge(node.Left, node.Right);

        // Equal bounds may lie on both sides. The order of insertion decides between them.
        if (from <= node.From)
            node.Left = Remove(node.Left, held, from);
        if (from >= node.From)
            node.Right = Remove(node.Right, held, from);
        node.Update();
        return node;
    }

    private static void Split(Node? node, Node at, out Node? left, out Node? right)
    {
        if (node is null)
        {
            (left, right) = (null, null);
            return;
        }

        if (node.From < at.From || (node.From == at.From && node.Number < at.Number))
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

    private static double LowerBound(HeldPredicate held) => held.Predicate.Home!.From is { } from ? from.RoundedDown : double.NegativeInfinity;

    private static double UpperBound(HeldPredicate held) => held.Predicate.Home!.To is { } to ? to.RoundedUp : double.PositiveInfinity;

    private sealed class Node(HeldPredicate held, long number, int priority)
    {
        public HeldPredicate Held => held;

        public long Number => number;

        public int Priority => priority;

        public double From { get; } = LowerBound(held);

        public double To { get; } = UpperBound(held);

        public Node? Left { get; set; }

        public Node? Right { get; set; }

        /// <summary>Highest upper bound below <see cref="Left"/>. Kept here, because a search passes most nodes without a visit of their children.</summary>
        public double HighestLeft { get; private set; } = double.NegativeInfinity;

        public double HighestRight { get; private set; } = double.NegativeInfinity;

        /// <summary>Reads the bounds of the children, after one of them has changed.</summary>
        public void Update() => (HighestLeft, HighestRight) = (HighestOf(Left), HighestOf(Right));

        private static double HighestOf(Node? node) =>
            node is null ? double.NegativeInfinity : Math.Max(node.To, Math.Max(node.HighestLeft, node.HighestRight));
    }
}
