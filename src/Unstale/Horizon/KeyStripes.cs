namespace Unstale.Horizon;

/// <summary>
/// The highest sequence at which any key or tag of a hash was invalidated: what a fill is compared with whose entry, or whose
/// tag's cell, did not exist when the invalidation came. Needs the horizon's lock throughout.
/// </summary>
internal sealed class KeyStripes
{
    private const int Count = 1 << 16;
    private const uint TagSalt = 0x9E3779B9;

    private readonly long[] _sequences = new long[Count];

    public long OfKey(string key) => _sequences[Index(key, 0)];

    public long OfTag(string tag) => _sequences[Index(tag, TagSalt)];

    public void RaiseKey(string key, long sequence) => Raise(Index(key, 0), sequence);

    public void RaiseTag(string tag, long sequence) => Raise(Index(tag, TagSalt), sequence);

    public void StandAt(long sequence) => Array.Fill(_sequences, sequence);

    private static uint Index(string text, uint salt) => ((KeyHash.Of(text) ^ salt) * 0x85EBCA6B) >> 16;

    private void Raise(uint index, long sequence) => _sequences[index] = Math.Max(_sequences[index], sequence);
}
