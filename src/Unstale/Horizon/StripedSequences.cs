using Unstale.Values;

namespace Unstale.Horizon;

/// <summary>
/// Highest sequence at which any key or tag with a given hash was invalidated. Loads are compared with it if their entry, or the cell of a tag, did
/// not exist at the time of the invalidation. All members require the horizon's lock.
/// </summary>
/// <param name="bits">Base-2 logarithm of the number of stripes for keys, and of the number for tags; up to 20.</param>
internal sealed class StripedSequences(int bits)
{
    /// <summary>Base-2 logarithm of the stripes per page. A page has 4 KB: the first thousand invalidations rarely share one.</summary>
    private const int PageBits = 9;

    /// <summary>Keys and tags use separate halves: the record of a set, which names the key, must not look like a mark of the tags.</summary>
    private const uint Keys = 0;
    private readonly uint _tags = 1u << bits;

    /// <summary>Pages of stripes. A page is allocated when one of its stripes is raised, so stripes never raised cost no memory.</summary>
    private readonly long[]?[] _pages = new long[2 << (bits - PageBits)][];
    private long _standing;

    public long ForKey(ReadOnlySpan<char> key) => Get(Index(key, Keys));

    public long ForTag(string tag) => Get(Index(tag, _tags));

    public void RaiseKey(string key, long sequence) => Raise(Index(key, Keys), sequence);

    public void RaiseTag(string tag, long sequence) => Raise(Index(tag, _tags), sequence);

    public void ResetTo(long sequence)
    {
        _standing = sequence;
        Array.Clear(_pages);
    }

    private uint Index(ReadOnlySpan<char> text, uint half) => half | ((KeyHash.Compute(text) * 0x85EBCA6B) >> (32 - bits));

    private long Get(uint index) => _pages[index >> PageBits] is { } page ? page[index % (1 << PageBits)] : _standing;

    private void Raise(uint index, long sequence)
    {
        ref var page = ref _pages[index >> PageBits];
        if (page is null)
        {
            page = new long[1 << PageBits];
            Array.Fill(page, _standing);
        }

        ref var stripe = ref page[index % (1 << PageBits)];
        stripe = Math.Max(stripe, sequence);
    }
}
