using Unstale.Memory;
using Xunit;

namespace Unstale.Tests.Memory;

public sealed class EntryQueueTests
{
    private readonly EntryQueue _queue = new(EntryPlace.Main);
    private readonly Entry[] _entries = [.. Enumerable.Range(0, 3).Select(i => Entries.Entry($"k{i}"))];

    [Theory]
    [InlineData(0, "k1 k2")]
    [InlineData(1, "k0 k2")]
    [InlineData(2, "k0 k1")]
    public void Any_entry_can_leave_the_queue(int removed, string left)
    {
        foreach (var entry in _entries)
            _queue.Add_NeedsLock(entry);
        Assert.Equal("k0 k1 k2", OldToNew());
        _queue.Remove_NeedsLock(_entries[removed]);
        Assert.Equal(left, OldToNew());
        Assert.Equal((null, null), (_entries[removed].Older, _entries[removed].Newer));
        _queue.Add_NeedsLock(_entries[removed]);
        Assert.Equal($"{left} k{removed}", OldToNew());
    }

    [Fact]
    public void An_emptied_queue_begins_again()
    {
        _queue.Add_NeedsLock(_entries[0]);
        Assert.Equal((1, EntryPlace.Main), (_queue.Count, _entries[0].Place));
        _queue.Remove_NeedsLock(_entries[0]);
        Assert.Equal((0, null), (_queue.Count, _queue.Oldest));
        _queue.Add_NeedsLock(_entries[1]);
        Assert.Equal("k1", OldToNew());
    }

    private string OldToNew()
    {
        var keys = new List<string>();
        for (var entry = _queue.Oldest; entry is not null; entry = entry.Newer)
            keys.Add(entry.Key);
        Assert.Equal(keys.Count, _queue.Count);
        return string.Join(' ', keys);
    }
}
