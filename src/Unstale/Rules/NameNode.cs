namespace Unstale.Rules;

/// <summary>A name of the dependency graph: a key, a tag, or both. Guarded by the graph's lock.</summary>
internal sealed class NameNode(string name)
{
    /// <summary>The keys that depend on it.</summary>
    public NameSet Dependents;

    /// <summary>The names that it depends on, as a key.</summary>
    public NameSet On;

    /// <summary>The keys that something depends on and that last carried it as a tag.</summary>
    public NameSet Carriers;

    /// <summary>The keys that something depends on and that were last made from the entry of this key.</summary>
    public NameSet MadeFrom;

    /// <summary>The keys that something depends on and that were last declared, here or elsewhere, to be computed from this key.</summary>
    public NameSet DeclaredFrom;

    public string Name { get; } = name;

    /// <summary>What it last carried as a key, marks of keys included; null if that is not known.</summary>
    public string[]? Learnt { get; set; }

    /// <summary>The last walk that came by.</summary>
    public long Walk { get; set; }

    /// <summary>The last walk that took it as a key.</summary>
    public long TakenBy { get; set; }

    public bool IsDead => Dependents.IsEmpty && On.IsEmpty && Carriers.IsEmpty && MadeFrom.IsEmpty && DeclaredFrom.IsEmpty;
}
