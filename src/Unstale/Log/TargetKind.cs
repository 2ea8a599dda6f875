namespace Unstale.Log;

/// <summary>What a target of an invalidation names. The numbers are part of the log's format.</summary>
public enum TargetKind
{
    /// <summary>One key.</summary>
    Key = 0,

    /// <summary>Every entry that carries a tag.</summary>
    Tag = 1,

    /// <summary>Every key that a <see cref="GlobPattern"/> matches.</summary>
    Glob = 2,

    /// <summary>Every key that a <see cref="RegexPattern"/> matches.</summary>
    Regex = 3,

    /// <summary>Every entry that carries all of several tags.</summary>
    AllOf = 4,

    /// <summary>Every entry. A kind that a node does not know counts as this one.</summary>
    Everything = 5,
}
