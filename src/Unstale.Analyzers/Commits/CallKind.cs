namespace Unstale.Analyzers.Commits;

/// <summary>Role of a call in the order of changes and invalidations.</summary>
internal enum CallKind
{
    /// <summary>Any other call.</summary>
    None,

    /// <summary>Invalidates keys, tags, patterns or a change.</summary>
    Invalidation,

    /// <summary>Completes a scope, which raises all collected invalidations.</summary>
    Completion,

    /// <summary>Begins a scope or a transaction that collects invalidations until the commit.</summary>
    UnitOfWork,

    /// <summary>Begins a transaction of a database.</summary>
    Begin,

    /// <summary>Changes data. Without a transaction, the change is committed at once.</summary>
    Write,

    /// <summary>Commits a transaction.</summary>
    Commit,
}
