using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Log;

public sealed class RecordPartsTests
{
    [Theory]
    [InlineData(1, 10, 1)]
    [InlineData(500, 10, 1)]
    [InlineData(501, 10, 2)]
    [InlineData(1_500, 10, 3)]
    [InlineData(16, 1_024, 1)]
    [InlineData(17, 1_024, 2)]
    [InlineData(3, 20_000, 3)]
    public void An_event_is_cut_at_500_targets_and_at_16_KB(int targets, int length, int records)
    {
        var all = Enumerable.Range(0, targets).Select(i => InvalidationTarget.ForKey(i.ToString().PadLeft(length, 'k'))).ToArray();
        var parts = RecordParts.Of(all);
        Assert.Equal(records, parts.Count);
        Assert.Equal(all, parts.SelectMany(p => p));
    }
}
