using Unstale.Memory;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Memory;

public sealed class RemovedEntriesTests
{
    private static readonly MonotonicClock Clock = new(TimeProvider.System);
    private static readonly RemovalCause[] Causes = Enum.GetValues<RemovalCause>();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(64)]
    public void The_last_removal_of_each_key_among_the_newest_is_found(int capacity)
    {
        var removed = new RemovedEntries(capacity, Clock);
        var random = new Random(capacity);
        var all = new List<(string Key, RemovalCause Cause)>();
        for (var i = 0; i < 2_000; i++)
        {
            var (key, cause) = ($"k{random.Next(40)}", Causes[random.Next(Causes.Length)]);
            removed.Note_NeedsLock(Entries.Entry(key), cause);
            all.Add((key, cause));
            var asked = $"k{random.Next(40)}";
            var expected = all.Skip(all.Count - capacity).LastOrDefault(one => one.Key == asked);
            Assert.Equal(expected.Key is null ? null : expected.Cause, removed.LastOf_NeedsLock(asked)?.Cause);
        }
    }

    [Fact]
    public void With_zero_capacity_no_removals_are_recorded()
    {
        var removed = new RemovedEntries(0, Clock);
        removed.Note_NeedsLock(Entries.Entry("k"), RemovalCause.Expired);
        Assert.Null(removed.LastOf_NeedsLock("k"));
    }
}
