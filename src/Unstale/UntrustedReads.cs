namespace Unstale;

/// <summary>What a read gets while its node is not trusted: the log has not confirmed it for <see cref="UnstaleOptions.StalenessBound"/>.</summary>
public enum UntrustedReads
{
    /// <summary>The value of the source, which is not stored. As many loads run at once as <see cref="UnstaleOptions.UntrustedLoads"/> says.</summary>
    FromSource,

    /// <summary>
    /// What is held, if it has not expired and nothing is known that invalidated it, for
    /// <see cref="UnstaleOptions.ServeUntrustedFor"/> past the bound and marked with <see cref="CacheOutcome.Untrusted"/>; the source's
    /// value after that. What a factory makes of such a value is not stored.
    /// </summary>
    Serve,

    /// <summary>A <see cref="NotTrustedException"/>. What looks into memory alone finds nothing.</summary>
    Throw,
}

/// <summary>What a call that invalidates does when the log has not answered within <see cref="UnstaleOptions.AppendDeadline"/>.</summary>
public enum UnsentInvalidations
{
    /// <summary>Returns: the invalidation is in force on this node, and waits in a queue until the log has it. The receipt says so.</summary>
    Queue,

    /// <summary>Throws a <see cref="LogAwayException"/>. The invalidation is in force on this node and queued all the same.</summary>
    Throw,
}
