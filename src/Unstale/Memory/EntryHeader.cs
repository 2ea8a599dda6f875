using Unstale.Horizon;

namespace Unstale.Memory;

/// <summary>Fields of an entry apart from the value.</summary>
internal readonly record struct EntryHeader(
    string Key, uint Hash, TagSet Tags, long Stamp, int Epoch, int SelectorsSeen, long StoredAt, long FreshUntil, long ExpiresAt, long FailSafeFor = 0)
{
    /// <summary>Queue of an entry with a priority of its own; <see cref="EntryPlace.None"/> for all others.</summary>
    public EntryPlace Queue { get; init; }
}
