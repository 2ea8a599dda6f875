namespace Unstale.Horizon;

/// <summary>Array of sequences that only rise. Places never raised cost no memory.</summary>
/// <param name="bits">Base-2 logarithm of the number of places, from 9.</param>
internal sealed class PagedSequences(int bits)
{
    /// <summary>Base-2 logarithm of the places per page. A page has 4 KB: the first thousand places rarely share one.</summary>
    private const int PageBits = 9;

    private readonly long[]?[] _pages = new long[1 << (bits - PageBits)][];
    private long _standing;

    public long this[uint index] => _pages[index >> PageBits] is { } page ? page[index % (1 << PageBits)] : _standing;

    public void Raise(uint index, long sequence)
    {
        ref var page = ref _pages[index >> PageBits];
        if (page is null)
        {
            page = new long[1 << PageBits];
            Array.Fill(page, _standing);
        }

        ref var place = ref page[index % (1 << PageBits)];
        place = Math.Max(place, sequence);
    }

    public void ResetTo(long sequence)
    {
        _standing = sequence;
        Array.Clear(_pages);
    }
}
