namespace Unstale;

/// <summary>Source of the value returned by a read.</summary>
public enum CacheOutcome
{
    /// <summary>Memory of this process.</summary>
    Memory,

    /// <summary>
    /// Memory, after <see cref="UnstaleEntryOptions.FreshFor"/> has elapsed or after an invalidation that allows one more read. A refresh runs in the
    /// background.
    /// </summary>
    Stale,

    /// <summary>Memory, while the node is not trusted: see <see cref="UntrustedReadBehavior.Serve"/>.</summary>
    Untrusted,

    /// <summary>Second level.</summary>
    Remote,

    /// <summary>Factory of this call, which loaded the value from the source.</summary>
    Load,

    /// <summary>
    /// Factory of another call, which was already running and which this call waited for. If the other call found the value in the second level, the
    /// outcome is <see cref="Remote"/> for both.
    /// </summary>
    Joined,

    /// <summary>
    /// Memory, after the expiration: the load failed, exceeded a limit, or failed shortly before. See <see cref="UnstaleEntryOptions.FailSafeFor"/>. The value was not
    /// invalidated.
    /// </summary>
    FailSafe,

    /// <summary>No value was found, and the call does not load from the source: <c>TryGetAsync</c>, or flags that disable the load.</summary>
    None,
}
