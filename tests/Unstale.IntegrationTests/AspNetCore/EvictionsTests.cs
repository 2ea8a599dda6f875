using Unstale.AspNetCore.OutputCache;
using Xunit;

namespace Unstale.IntegrationTests.AspNetCore;

/// <summary>Evictions recorded for pages that are still being generated.</summary>
public sealed class EvictionsTests
{
    private readonly Evictions _evictions = new();

    [Theory]
    [InlineData("a", 0, true)]
    [InlineData("a", 1, false)]
    [InlineData("b", 1, true)]
    [InlineData("b", 2, false)]
    [InlineData("c", 0, false)]
    public void A_page_counts_as_evicted_if_one_of_its_tags_was_evicted_after_the_page_was_begun(string tag, int since, bool isConcerned)
    {
        _evictions.Add(["a", "x"]);
        _evictions.Add(["b"]);
        Assert.Equal(2, _evictions.Count);
        Assert.Equal(isConcerned, _evictions.Concern([tag, "other"], since));
    }

    [Theory]
    [InlineData(1024, false)]
    [InlineData(1025, true)]
    public void A_page_begun_before_the_oldest_remembered_eviction_counts_as_evicted(int evictions, bool isConcerned)
    {
        for (var i = 0; i < evictions; i++)
            _evictions.Add(["a"]);
        Assert.Equal(isConcerned, _evictions.Concern(["c"], 0));
    }
}
