using System.Runtime.CompilerServices;
using FsCheck.Fluent;
using Unstale.Memory;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Memory;

public sealed class EntryTableTests
{
    [Fact]
    public void A_table_holds_the_same_entries_as_a_dictionary_while_it_grows()
    {
        var step = Gen.Choose(0, 399).SelectMany(i => Gen.Frequency((3, Gen.Constant(true)), (1, Gen.Constant(false))), (i, add) => (Key: $"key:{i}", Add: add));
        Property.HoldsFor(step, Compare, runs: 200, steps: 600);
    }

    [Fact]
    public void A_table_grows_with_its_entries_and_loses_none()
    {
        var table = new EntryTable();
        Entry[] entries = [.. Enumerable.Range(0, 10_000).Select(i => Entries.Entry($"key:{i}"))];
        Assert.Equal(64, table.Buckets);
        foreach (var entry in entries)
            Add(table, entry);
        Assert.Equal(16_384, table.Buckets);
        Assert.All(entries, entry => Assert.Same(entry, table.Find(entry.Key)));
        foreach (var entry in entries)
            table.Remove_NeedsLock(entry);
        Assert.Equal(0, table.Count);
        Assert.All(entries, entry => Assert.Null(table.Find(entry.Key)));
        Assert.Empty(Walked(table));
    }

    [Fact]
    public void A_removed_entry_keeps_its_link_to_the_next_entry_for_concurrent_readers()
    {
        var table = new EntryTable();
        Entry[] entries = [.. Enumerable.Range(0, 64).Select(i => Entries.Entry($"key:{i}"))];
        foreach (var entry in entries)
            table.Add_NeedsLock(entry);
        var chained = Array.Find(entries, e => e.Next is not null);
        Assert.NotNull(chained);
        var next = chained.Next;
        table.Remove_NeedsLock(chained);
        Assert.Same(next, chained.Next);
    }

    [Fact]
    public void A_table_without_prepared_buckets_stays_complete()
    {
        var table = new EntryTable();
        Entry[] entries = [.. Enumerable.Range(0, 1_000).Select(i => Entries.Entry($"key:{i}"))];
        foreach (var entry in entries)
            table.Add_NeedsLock(entry);
        Assert.Equal(64, table.Buckets);
        Assert.All(entries, entry => Assert.Same(entry, table.Find(entry.Key)));
    }

    [Fact]
    public void Buckets_prepared_for_an_earlier_growth_are_dropped()
    {
        var table = new EntryTable();
        Loaded(table, 64);
        table.Prepare();
        var early = Spare(table);
        Add(table, Entries.Entry("growing"));
        Assert.Equal(128, table.Buckets);
        Loaded(table, 63);
        Assert.False(table.IsMoving);
        Spare(table) = early;
        table.Add_NeedsLock(Entries.Entry("one"));
        Assert.Equal((128, false), (table.Buckets, table.IsMoving));
        Add(table, Entries.Entry("another"));
        Assert.Equal(256, table.Buckets);
    }

    [Fact]
    public void While_a_table_moves_every_entry_is_found_removed_and_enumerated()
    {
        for (var removed = 0; removed < 64; removed++)
        {
            var table = new EntryTable();
            List<Entry> entries = [.. Loaded(table, 64)];
            for (var i = 0; i < 3; i++)
            {
                var added = Entries.Entry($"late:{i}");
                Add(table, added);
                entries.Add(added);
            }

            Assert.True(table.IsMoving);
            var gone = entries[removed];
            table.Remove_NeedsLock(gone);
            entries.RemoveAt(removed);
            Assert.Null(table.Find(gone.Key));
            Assert.All(entries, entry => Assert.Same(entry, table.Find(entry.Key)));
            Assert.Equal(entries.ToHashSet(), Walked(table).ToHashSet());
            Assert.Equal(entries.Count, Walked(table).Count);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10)]
    public void An_enumeration_passes_all_entries_while_others_are_added(int addedPerStep)
    {
        var table = new EntryTable();
        var entries = Loaded(table, 1_000);
        var passed = new HashSet<Entry>();
        var late = 0;
        foreach (var entry in table)
        {
            passed.Add(entry);
            for (var i = 0; i < addedPerStep && late < 10_000; i++)
                Add(table, Entries.Entry($"late:{late++}"));
        }

        Assert.True(table.Buckets > 1_024, "the table has grown");
        Assert.Empty(entries.Except(passed));
    }

    [Fact]
    public void An_enumeration_passes_an_entry_that_is_between_two_buckets()
    {
        var table = new EntryTable();
        var entries = Loaded(table, 64).Append(Entries.Entry("growth")).ToList();
        Add(table, entries[^1]);
        var old = Old(table)!;
        foreach (ref var bucket in old.AsSpan())
        {
            if (bucket is not { } entry)
                continue;

            // The state in the middle of a move, as a thread that is interrupted there leaves it.
            Moving(table) = entry;
            bucket = entry.Next;
            Assert.Empty(entries.Except(Walked(table)));
            bucket = entry;
        }
    }

    [Fact]
    public async Task Readers_without_a_lock_find_every_entry_at_the_latest_under_the_lock()
    {
        var table = new EntryTable();
        var gate = new Lock();
        Entry[] entries = [.. Enumerable.Range(0, 100_000).Select(i => Entries.Entry($"key:{i}"))];
        var added = 0;
        var readers = Enumerable.Range(0, 3).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            for (int count; (count = Volatile.Read(ref added)) < entries.Length;)
            {
                var entry = entries[random.Next(Math.Max(1, count))];
                if (count > 0 && table.Find(entry.Key) != entry)
                {
                    lock (gate)
                        Assert.Same(entry, table.Find(entry.Key));
                }

                if (random.Next(20_000) == 0)
                    Assert.Empty(entries.Take(count).Except(Walked(table)));
            }
        })).ToList();
        foreach (var entry in entries)
        {
            table.Prepare();
            lock (gate)
                table.Add_NeedsLock(entry);
            Volatile.Write(ref added, added + 1);
        }

        await Task.WhenAll(readers);
    }

    private static Entry[] Loaded(EntryTable table, int count)
    {
        var first = table.Count;
        Entry[] entries = [.. Enumerable.Range(first, count).Select(i => Entries.Entry($"key:{i}"))];
        foreach (var entry in entries)
            Add(table, entry);
        return entries;
    }

    private static void Compare((string Key, bool Add)[] steps)
    {
        var table = new EntryTable();
        var model = new Dictionary<string, Entry>(StringComparer.Ordinal);
        foreach (var (key, add) in steps)
        {
            if (model.Remove(key, out var held))
                table.Remove_NeedsLock(held);
            if (add)
                Add(table, model[key] = Entries.Entry(key));
            Assert.Same(model.GetValueOrDefault(key), table.Find(key));
            Assert.Equal(model.Count, table.Count);
        }

        for (var i = 0; i < 400; i++)
            Assert.Same(model.GetValueOrDefault($"key:{i}"), table.Find($"key:{i}"));
        Assert.Equal(model.Values.ToHashSet(), Walked(table).ToHashSet());
        Assert.Equal(model.Count, Walked(table).Count);
    }

    private static void Add(EntryTable table, Entry entry)
    {
        table.Prepare();
        table.Add_NeedsLock(entry);
    }

    private static List<Entry> Walked(EntryTable table)
    {
        var found = new List<Entry>();
        foreach (var entry in table)
            found.Add(entry);
        return found;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_spare")]
    private static extern ref Entry?[]? Spare(EntryTable table);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_old")]
    private static extern ref Entry?[]? Old(EntryTable table);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_moving")]
    private static extern ref Entry? Moving(EntryTable table);
}
