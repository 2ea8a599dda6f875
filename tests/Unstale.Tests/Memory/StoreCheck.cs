using System.Runtime.CompilerServices;
using Unstale.Horizon;
using Unstale.Memory;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Memory;

/// <summary>Invariants of a store that no thread is using.</summary>
internal static class StoreCheck
{
    public static void Verify(MemoryStore store)
    {
        List<Entry> queued = [.. Queued(store)];
        Assert.Equal(store.Count, queued.Count);
        Assert.Equal(queued.Count, InBuckets(store).Count);
        Assert.Equal(queued.ToHashSet(), InBuckets(store));
        Assert.Equal(queued.Sum(e => SizesOf(store)?.Of_NeedsLock(e) ?? e.Size), BytesOf(store));
        Assert.All(queued, entry =>
        {
            Assert.Same(entry, store.Find(entry.Key));
            Assert.False(entry.IsRemoved, "a stored entry was removed");
        });
        Verify(SmallOf(QueuesOf(store)), EntryPlace.Small);
        Verify(MainOf(QueuesOf(store)), EntryPlace.Main);
        Verify(LowOf(QueuesOf(store)), EntryPlace.Low);
        Verify(HighOf(QueuesOf(store)), EntryPlace.High);
        Verify(PinnedOf(QueuesOf(store)), EntryPlace.Pinned);
    }

    private static void Verify(EntryQueue queue, EntryPlace place)
    {
        List<Entry> entries = [.. OldToNew(queue)];
        Assert.Equal(queue.Count, entries.Count);
        Entry? older = null;
        foreach (var entry in entries)
        {
            Assert.Equal(place, entry.Place);
            Assert.Same(older, entry.Older);
            older = entry;
        }

        Assert.Same(older, Newest(queue));
    }

    /// <summary>Also verifies the counts of tags. The stores must be the only holders of tags.</summary>
    public static void Verify(PartitionHorizon horizon, params MemoryStore[] stores)
    {
        lock (horizon.Gate)
        {
            foreach (var store in stores)
                Verify(store);
            List<TagSet> held = [.. stores.SelectMany(Queued).Select(e => e.Tags).Where(t => t != TagSet.Empty)];
            var sets = held.ToHashSet();
            Assert.Equal([.. sets.Where(s => s is TagList)], Sets(horizon.Tags));
            Assert.All(sets.Where(s => s is TagList), set => Assert.Equal(held.Count(h => h == set), set.Holders));
            var cells = sets.SelectMany(CellsOf).ToHashSet();
            Assert.Equal(cells.Count, horizon.Tags.Count);
            Assert.All(cells, cell =>
            {
                Assert.True(Cell(horizon.Tags, cell.Tag) == cell, "a cell in use is the one that marks raise");
                Assert.Equal(sets.Count(s => s is TagList && s.Cells.Contains(cell)) + held.Count(h => h == cell), cell.Holders);
                Assert.False(cell.IsPending, "nothing is on its way");
            });
        }
    }

    private static IEnumerable<TagCell> CellsOf(TagSet set) => set is TagList list ? list.Items : [(TagCell)set];

    private static TagCell? Cell(TagTable tags, string name) =>
        name == DependencyTag.AnyRecord ? tags.AnyRecord
        : (DependencyTag.IsDeclared(name) ? tags.Declared.TryFind(name[2..], out var cell) : DependencyTag.Is(name) ? tags.Keys.TryFind(name[1..], out cell) : tags.TryFind(name, out cell)) ? cell : null;

    public static IEnumerable<Entry> Queued(MemoryStore store) => InSmall(store).Concat(InMain(store)).Concat(InLow(store)).Concat(InHigh(store)).Concat(InPinned(store));

    public static IEnumerable<Entry> InSmall(MemoryStore store) => OldToNew(SmallOf(QueuesOf(store)));

    public static IEnumerable<Entry> InMain(MemoryStore store) => OldToNew(MainOf(QueuesOf(store)));

    public static IEnumerable<Entry> InLow(MemoryStore store) => OldToNew(LowOf(QueuesOf(store)));

    public static IEnumerable<Entry> InHigh(MemoryStore store) => OldToNew(HighOf(QueuesOf(store)));

    public static IEnumerable<Entry> InPinned(MemoryStore store) => OldToNew(PinnedOf(QueuesOf(store)));

    private static IEnumerable<Entry> OldToNew(EntryQueue queue)
    {
        for (var entry = queue.Oldest; entry is not null; entry = entry.Newer)
            yield return entry;
    }

    private static HashSet<Entry> InBuckets(MemoryStore store)
    {
        var found = new HashSet<Entry>();
        foreach (var entry in store.Table)
            Assert.True(found.Add(entry), "an entry is in one bucket, once");
        return found;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_queues")]
    public static extern ref EvictionQueues QueuesOf(MemoryStore store);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_small")]
    private static extern ref EntryQueue SmallOf(EvictionQueues queues);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_main")]
    private static extern ref EntryQueue MainOf(EvictionQueues queues);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_low")]
    private static extern ref EntryQueue LowOf(EvictionQueues queues);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_high")]
    private static extern ref EntryQueue HighOf(EvictionQueues queues);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_pinned")]
    private static extern ref EntryQueue PinnedOf(EvictionQueues queues);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_sizes")]
    private static extern ref EntrySizes? SizesOf(MemoryStore store);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_bytes")]
    private static extern ref long BytesOf(MemoryStore store);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_newest")]
    private static extern ref Entry? Newest(EntryQueue queue);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_sets")]
    private static extern ref HashSet<TagSet> Sets(TagTable tags);
}
