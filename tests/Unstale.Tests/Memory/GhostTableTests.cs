using Unstale.Memory;
using Xunit;

namespace Unstale.Tests.Memory;

public sealed class GhostTableTests
{
    [Fact]
    public void A_ghost_is_found_until_it_is_removed()
    {
        var ghosts = new GhostTable(100);
        Assert.False(ghosts.Contains_NeedsLock(0x8000_1234));
        ghosts.Remove_NeedsLock(0x8000_1234);
        ghosts.Add_NeedsLock(0x8000_1234);
        Assert.True(ghosts.Contains_NeedsLock(0x8000_1234));
        ghosts.Remove_NeedsLock(0x8000_1234);
        Assert.False(ghosts.Contains_NeedsLock(0x8000_1234));
    }

    [Fact]
    public void A_ninth_ghost_of_a_set_replaces_the_oldest()
    {
        var ghosts = new GhostTable(8);
        for (var hash = 1u; hash <= 9; hash++)
            ghosts.Add_NeedsLock(hash);
        Assert.False(ghosts.Contains_NeedsLock(1));
        for (var hash = 2u; hash <= 9; hash++)
            Assert.True(ghosts.Contains_NeedsLock(hash), $"{hash}");
    }

    [Fact]
    public void A_ghost_added_again_is_the_newest_and_there_once()
    {
        var ghosts = new GhostTable(8);
        for (var hash = 1u; hash <= 8; hash++)
            ghosts.Add_NeedsLock(hash);
        ghosts.Add_NeedsLock(1);
        for (var hash = 9u; hash <= 14; hash++)
            ghosts.Add_NeedsLock(hash);
        Assert.True(ghosts.Contains_NeedsLock(1));
        ghosts.Remove_NeedsLock(1);
        Assert.False(ghosts.Contains_NeedsLock(1));
    }

    [Fact]
    public void A_hash_with_a_zero_lower_half_has_a_ghost()
    {
        var ghosts = new GhostTable(8);
        Assert.False(ghosts.Contains_NeedsLock(0));
        ghosts.Add_NeedsLock(0);
        Assert.True(ghosts.Contains_NeedsLock(0));
        Assert.NotEqual(0, GhostTable.Fingerprint(0x7777_0000));
        Assert.Equal(0x1234, GhostTable.Fingerprint(0x7777_1234));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(8, 1)]
    [InlineData(9, 2)]
    [InlineData(100_000_000, 12_500_000)]
    public void A_table_has_sets_for_its_ghosts_and_uses_all_of_them(int count, int sets)
    {
        var ghosts = new GhostTable(count);
        Assert.Equal(sets, ghosts.Sets);
        Assert.Equal((0, sets - 1), (ghosts.SetOf(0), ghosts.SetOf(uint.MaxValue)));
        ghosts.Add_NeedsLock(uint.MaxValue);
        ghosts.Add_NeedsLock(0x0001);
        Assert.True(ghosts.Contains_NeedsLock(uint.MaxValue) && ghosts.Contains_NeedsLock(0x0001));
    }

    [Fact]
    public void Most_of_the_configured_number_of_ghosts_are_kept()
    {
        const int Count = 100_000;
        var ghosts = new GhostTable(Count);
        var random = new Random(1);
        uint[] hashes = [.. Enumerable.Range(0, Count).Select(_ => (uint)random.NextInt64(1L << 32))];
        foreach (var hash in hashes)
            ghosts.Add_NeedsLock(hash);
        Assert.InRange(hashes.Count(ghosts.Contains_NeedsLock), Count * 80 / 100, Count);
        Assert.InRange(Enumerable.Range(0, Count).Count(_ => ghosts.Contains_NeedsLock((uint)random.NextInt64(1L << 32))), 0, Count / 500);
    }
}
