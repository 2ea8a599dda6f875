using Unstale.Predicates;
using Xunit;

namespace Unstale.Tests.Predicates;

public sealed class NamePoolTests
{
    [Fact]
    public void A_name_is_returned_unchanged_though_another_name_has_its_place()
    {
        string[] names = [.. Enumerable.Range(0, 5_000).Select(static i => $"c{i:0000}"), new string('x', 64), new string('y', 65), ""];
        foreach (var name in names.Concat(names))
            Assert.Equal(name, NamePool.Get(name));
    }

    /// <summary>Tests beside this one may replace the name between two reads.</summary>
    [Fact]
    public void A_name_that_was_read_before_is_not_allocated_again() =>
        Assert.Contains(Enumerable.Range(0, 100), static _ => ReferenceEquals(NamePool.Get("category_id"), NamePool.Get("category_id")));
}
