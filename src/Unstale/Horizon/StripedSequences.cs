using Unstale.Values;

namespace Unstale.Horizon;

/// <summary>
/// Highest sequence at which any key or tag with a given hash was invalidated. Loads are compared with it if their entry, or the cell of a tag, did
/// not exist at the time of the invalidation. All members require the horizon's lock.
/// </summary>
/// <param name="bits">Base-2 logarithm of the number of stripes for keys, and of the number for tags; up to 20.</param>
internal sealed class StripedSequences(int bits)
{
    /// <summary>Keys and tags use separate halves: the record of a set, which names the key, must not look like a mark of the tags.</summary>
    private const uint Keys = 0;
    private readonly uint _tags = 1u << bits;
    private readonly PagedSequences _stripes = new(bits + 1);

    public long ForKey(ReadOnlySpan<char> key) => _stripes[Index(key, Keys)];

    public long ForTag(string tag) => _stripes[Index(tag, _tags)];

    public void RaiseKey(string key, long sequence) => _stripes.Raise(Index(key, Keys), sequence);

    public void RaiseTag(string tag, long sequence) => _stripes.Raise(Index(tag, _tags), sequence);

    public void ResetTo(long sequence) => _stripes.ResetTo(sequence);

    private uint Index(ReadOnlySpan<char> text, uint half) => half | ((KeyHash.Compute(text) * 0x85EBCA6B) >> (32 - bits));
}
