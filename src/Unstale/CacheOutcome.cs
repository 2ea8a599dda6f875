namespace Unstale;

/// <summary>Where the value of a read came from.</summary>
public enum CacheOutcome
{
    /// <summary>From this process' memory.</summary>
    Memory,

    /// <summary>
    /// From memory, past its <see cref="UnstaleEntryOptions.FreshFor"/>, or invalidated by what lets it be served once more; a refresh runs
    /// behind.
    /// </summary>
    Stale,

    /// <summary>From memory, though nobody confirms it: see <see cref="UntrustedReads.Serve"/>.</summary>
    Untrusted,

    /// <summary>From the second level.</summary>
    Remote,

    /// <summary>From the source: this call's factory ran.</summary>
    Fill,

    /// <summary>From the source: another call's factory was already running and this call waited for it. A value that the other call found in the second level is <see cref="Remote"/> for both.</summary>
    Joined,

    /// <summary>Nothing was found, and the call does not ask the source: <c>TryGetAsync</c>, or flags that forbid it.</summary>
    None,
}
