using Unstale.Log;

namespace Unstale.Horizon;

/// <summary>
/// The highest sequence at which any key or tag of a hash was invalidated: what a fill is compared with whose entry, or whose
/// tag's cell, did not exist when the invalidation came. Needs the horizon's lock throughout.
/// </summary>
/// <param name="bits">How many places keys have, and tags, as a power of two; up to 20.</param>
internal sealed class KeyStripes(int bits)
{
    /// <summary>A page has 4 KB: the first thousand invalidations seldom share one.</summary>
    private const int PageBits = 9;

    /// <summary>Keys and tags stand apart: the record of a set, which names its key, is not to look like a mark of its tags.</summary>
    private const uint Keys = 0;
    private readonly uint _tags = 1u << bits;

    /// <summary>Made when something of theirs is raised: what is never invalidated costs nothing.</summary>
    private readonly long[]?[] _pages = new long[2 << (bits - PageBits)][];
    private long _standing;

    public long OfKey(ReadOnlySpan<char> key) => Of(Index(key, Keys));

    public long OfTag(string tag) => Of(Index(tag, _tags));

    public void RaiseKey(string key, long sequence) => Raise(Index(key, Keys), sequence);

    public void RaiseTag(string tag, long sequence) => Raise(Index(tag, _tags), sequence);

    public void StandAt(long sequence)
    {
        _standing = sequence;
        Array.Clear(_pages);
    }

    private uint Index(ReadOnlySpan<char> text, uint half) => half | ((KeyHash.Of(text) * 0x85EBCA6B) >> (32 - bits));

    private long Of(uint index) => _pages[index >> PageBits] is { } page ? page[index % (1 << PageBits)] : _standing;

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
