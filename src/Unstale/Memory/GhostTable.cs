using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Unstale.Memory;

/// <summary>
/// Keys of entries removed recently, as 16 bits of their hash: 2 bytes per ghost. A key belongs to one set of eight ghosts, in which the newest
/// replaces the oldest. Two keys of one set share their 16 bits once in 65,536 pairs; the consequence is a worse choice of an entry to evict. Needs
/// the horizon's lock.
/// </summary>
internal sealed class GhostTable
{
    private const int GhostsPerSet = 8;

    /// <summary>Sets are allocated in pages of 16 kB, so that no call clears more.</summary>
    private const int SetsPerPage = 1024;

    private readonly UInt128[]?[] _pages;

    /// <param name="ghosts">Minimum number of ghosts that fit.</param>
    public GhostTable(int ghosts)
    {
        Sets = Math.Max(1, (ghosts / GhostsPerSet) + (ghosts % GhostsPerSet == 0 ? 0 : 1));
        _pages = new UInt128[]?[((Sets - 1) / SetsPerPage) + 1];
    }

    public int Sets { get; }

    public bool Contains_NeedsLock(uint hash)
    {
        var set = SetOf(hash);
        return _pages[set / SetsPerPage] is { } page && Vector128.EqualsAny(Lanes(page[set % SetsPerPage]), Vector128.Create(Fingerprint(hash)));
    }

    public void Add_NeedsLock(uint hash)
    {
        var set = SetOf(hash);
        var page = _pages[set / SetsPerPage] ??= new UInt128[Math.Min(SetsPerPage, Sets)];
        ref var ghosts = ref page[set % SetsPerPage];
        ghosts = (Without(ghosts, hash) << 16) | Fingerprint(hash);
    }

    public void Remove_NeedsLock(uint hash)
    {
        var set = SetOf(hash);
        if (_pages[set / SetsPerPage] is { } page)
            page[set % SetsPerPage] = Without(page[set % SetsPerPage], hash);
    }

    /// <summary>Index of the set of a key, from the upper bits of the hash.</summary>
    public int SetOf(uint hash) => (int)(((ulong)hash * (uint)Sets) >> 32);

    /// <summary>Lower bits of the hash; never 0, which marks a free place.</summary>
    public static ushort Fingerprint(uint hash) => (ushort)hash == 0 ? (ushort)1 : (ushort)hash;

    private static UInt128 Without(UInt128 ghosts, uint hash)
    {
        var lanes = Lanes(ghosts);
        return Unsafe.BitCast<Vector128<ushort>, UInt128>(Vector128.AndNot(lanes, Vector128.Equals(lanes, Vector128.Create(Fingerprint(hash)))));
    }

    private static Vector128<ushort> Lanes(UInt128 ghosts) => Unsafe.BitCast<UInt128, Vector128<ushort>>(ghosts);
}
