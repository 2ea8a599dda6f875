using Unstale.Values;

namespace Unstale.Memory;

/// <summary>
/// Sizes of the entries of a store with a limit in bytes. Most entries compute their size; the table contains the measured sizes of the others. Needs
/// the horizon's lock.
/// </summary>
internal sealed class EntrySizes
{
    private readonly Dictionary<Entry, long> _measured = [];

    public long Of_NeedsLock(Entry entry) =>
        _measured.Count > 0 && _measured.TryGetValue(entry, out var value) ? entry.Size + value + ObjectSize.TableSlot : entry.Size;

    /// <summary>Adds the size of the value to the size of the entry.</summary>
    public void Add_NeedsLock(Entry entry, long value) => _measured[entry] = value;

    public void Remove_NeedsLock(Entry entry)
    {
        if (_measured.Count > 0)
            _measured.Remove(entry);
    }
}
