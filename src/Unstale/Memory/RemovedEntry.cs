using Unstale.Horizon;

namespace Unstale.Memory;

/// <summary>Description of a removed entry.</summary>
/// <param name="Key">Key of the entry.</param>
/// <param name="Tags">Tags of the entry, and marks of the keys used to make the value.</param>
/// <param name="Stamp">Sequence as of which the value was true.</param>
/// <param name="Epoch">Epoch in which the entry was made.</param>
/// <param name="At">Time of the removal, by the monotonic clock.</param>
/// <param name="Cause">Cause of the removal.</param>
internal readonly record struct RemovedEntry(string Key, TagSet Tags, long Stamp, int Epoch, long At, RemovalCause Cause);
