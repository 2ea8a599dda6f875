using Unstale.Horizon;
using Xunit;

namespace Unstale.Tests.Horizon;

public sealed class LeftGenerationsTests
{
    private readonly LeftGenerations _left = new();

    [Fact]
    public void A_generation_dropped_from_the_list_still_counts_as_left()
    {
        var all = Enumerable.Range(0, 65).Select(i => Generation.Create(after: (ulong)i)).ToList();
        all.ForEach(_left.Add);
        Assert.All(all, generation => Assert.True(_left.Contains(generation)));
        Assert.False(_left.Contains(Generation.Create(after: 1)));
    }

    [Fact]
    public void A_generation_that_is_left_again_and_again_drops_no_other()
    {
        var all = Enumerable.Range(10, 3).Select(i => Generation.Create(after: (ulong)i)).ToList();
        for (var i = 0; i < 100; i++)
            all.ForEach(_left.Add);
        Assert.False(_left.Contains(Generation.Create(after: 0)));
    }

    [Fact]
    public void Generation_None_never_counts_as_left()
    {
        _left.Add(Generation.None);
        Assert.False(_left.Contains(Generation.None));
    }
}
