namespace Unstale.Store;

/// <summary>What is remembered of an entry that went.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Names">Its tags, and the marks of what it was made from.</param>
/// <param name="Stamp">The sequence that it was true as of.</param>
/// <param name="Epoch">The epoch in which it was made.</param>
/// <param name="At">When it went, by the monotonic clock.</param>
/// <param name="Cause">Why it went.</param>
internal readonly record struct RemovedEntry(string Key, string[] Names, long Stamp, int Epoch, long At, RemovalCause Cause);
