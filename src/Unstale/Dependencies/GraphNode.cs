namespace Unstale.Dependencies;

/// <summary>Name in the dependency graph: a key, a tag, or both. Guarded by the lock of the graph.</summary>
internal sealed class GraphNode(string name)
{
    /// <summary>Keys that depend on this name.</summary>
    public NodeSet Dependents;

    /// <summary>Names on which this name depends, as a key.</summary>
    public NodeSet On;

    /// <summary>Keys with dependents that last carried this name as a tag.</summary>
    public NodeSet Carriers;

    /// <summary>Keys with dependents that were last made from the entry of this key.</summary>
    public NodeSet MadeFrom;

    /// <summary>Keys with dependents that were last declared, on any node, to be computed from this key.</summary>
    public NodeSet DeclaredFrom;

    public string Name { get; } = name;

    /// <summary>Tags and marks of keys last carried by this name, as a key; null if not recorded.</summary>
    public string[]? Learnt { get; set; }

    /// <summary>Number of the last walk that visited this name.</summary>
    public long Walk { get; set; }

    /// <summary>Number of the last walk that invalidated this name as a key.</summary>
    public long TakenBy { get; set; }

    public bool IsDead => Dependents.IsEmpty && On.IsEmpty && Carriers.IsEmpty && MadeFrom.IsEmpty && DeclaredFrom.IsEmpty;
}
