using Unstale.Horizon;
using Unstale.Memory;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Memory;

/// <summary>Times of an entry. Two of them share one field.</summary>
public sealed class EntryTimeTests
{
    private const long Day = 86_400_000;

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1_000, 1_000, 300_000)]
    [InlineData(123_456_789, 1, 16_777_215)]
    [InlineData(Day, 0, 5_000)]
    public void The_times_of_an_entry_with_a_short_lifetime_are_exact(long stored, long freshFor, long staleFor)
    {
        var entry = Entry(stored, freshFor, staleFor);
        Assert.Equal((stored, stored + freshFor, stored + freshFor + staleFor), (entry.StoredAt, entry.FreshUntil, entry.ExpiresAt));
    }

    [Theory]
    [InlineData(16_777_217)]
    [InlineData((30 * Day) + 1)]
    [InlineData((365 * Day) + 17)]
    [InlineData(922_337_203_685_477)]
    public void An_entry_with_a_long_lifetime_expires_slightly_early_at_most_and_never_late(long life)
    {
        const long Stored = 7 * Day;
        Assert.InRange(Entry(Stored, 1, life - 1).ExpiresAt, Stored + life - (life / 8_000_000) - 2, Stored + life);
        Assert.InRange(Entry(Stored, life, 0).StoredAt, Stored, Stored + (life / 8_000_000) + 2);
        Assert.Equal(Stored + life, Entry(Stored, life, 0).ExpiresAt);
    }

    private static ValueEntry<int> Entry(long stored, long freshFor, long staleFor) =>
        new(1, new EntryHeader("k", KeyHash.Compute("k"), TagSet.Empty, 0, 0, 0, stored, stored + freshFor, stored + freshFor + staleFor));
}
