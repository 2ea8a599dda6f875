using Unstale.Horizon;
using Unstale.Store;

namespace Unstale.Tests.Store;

internal static class Entries
{
    public static ValueEntry<int> Entry(string key, int value = 0, TagSet? tags = null) =>
        new(value, new EntryHead(key, KeyHash.Of(key), tags ?? TagSet.Empty, Stamp: 0, Epoch: 0, BroadSeen: 0, StoredAt: 0, FreshUntil: long.MaxValue, ExpiresAt: long.MaxValue));
}
