using FsCheck.Fluent;
using Unstale.Store;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Store;

public sealed class EntryTableTests
{
    [Fact]
    public void Holds_what_a_dictionary_holds_while_it_grows()
    {
        var step = Gen.Choose(0, 399).SelectMany(i => Gen.Frequency((3, Gen.Constant(true)), (1, Gen.Constant(false))), (i, add) => (Key: $"key:{i}", Add: add));
        Property.HoldsFor(step, Compare, runs: 200, steps: 600);
    }

    [Fact]
    public void Grows_before_its_chains_do_and_loses_nothing()
    {
        var table = new EntryTable();
        Entry[] entries = [.. Enumerable.Range(0, 10_000).Select(i => Entries.Entry($"key:{i}"))];
        Assert.Equal(64, table.Buckets);
        foreach (var entry in entries)
            table.Add_NeedsLock(entry);
        Assert.Equal(16_384, table.Buckets);
        Assert.All(entries, entry => Assert.Same(entry, table.Find(entry.Key)));
        foreach (var entry in entries)
            table.Remove_NeedsLock(entry);
        Assert.Equal(0, table.Count);
        Assert.All(entries, entry => Assert.Null(table.Find(entry.Key)));
        Assert.All(Enumerable.Range(0, table.Buckets), bucket => Assert.Null(table.First(bucket)));
        Assert.Null(table.First(table.Buckets));
    }

    [Fact]
    public void A_reader_that_stands_on_a_removed_entry_goes_on()
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

    private static void Compare((string Key, bool Add)[] steps)
    {
        var table = new EntryTable();
        var model = new Dictionary<string, Entry>(StringComparer.Ordinal);
        foreach (var (key, add) in steps)
        {
            if (model.Remove(key, out var held))
                table.Remove_NeedsLock(held);
            if (add)
                table.Add_NeedsLock(model[key] = Entries.Entry(key));
            Assert.Same(model.GetValueOrDefault(key), table.Find(key));
            Assert.Equal(model.Count, table.Count);
        }

        for (var i = 0; i < 400; i++)
            Assert.Same(model.GetValueOrDefault($"key:{i}"), table.Find($"key:{i}"));
        var walked = Enumerable.Range(0, table.Buckets).Sum(bucket => Chain(table.First(bucket)).Count());
        Assert.Equal(model.Count, walked);
    }

    private static IEnumerable<Entry> Chain(Entry? first)
    {
        for (var entry = first; entry is not null; entry = entry.Next)
            yield return entry;
    }
}
