using Unstale.Horizon;
using Unstale.Memory;
using Unstale.Values;

namespace Unstale.Tests.Memory;

internal static class Entries
{
    public static ValueEntry<int> Entry(string key, int value = 0, TagSet? tags = null) =>
        new(value, new EntryHeader(key, KeyHash.Compute(key), tags ?? TagSet.Empty, Stamp: 0, Epoch: 0, SelectorsSeen: 0, StoredAt: 0, FreshUntil: long.MaxValue, ExpiresAt: long.MaxValue));

    public static Entry Sized(string key, int bytes, EntryPlace queue, TagSet? tags = null) =>
        new PayloadEntry<string>(new byte[bytes], new EntryHeader(key, KeyHash.Compute(key), tags ?? TagSet.Empty, Stamp: 0, Epoch: 0, SelectorsSeen: 0, StoredAt: 0, FreshUntil: long.MaxValue, ExpiresAt: long.MaxValue) { Queue = queue });
}
