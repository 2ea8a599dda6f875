using Unstale.Dependencies;
using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Dependencies;

public sealed class DependencyGraphTests
{
    private readonly DependencyGraph _graph = new();

    [Fact]
    public void A_declared_dependent_is_found_for_its_base_key_and_its_base_tag()
    {
        _graph.Add("calculation:123", ["pricing:123", "config"]);

        Assert.Equal(["calculation:123"], Taken(InvalidationTarget.ForKey("pricing:123")));
        Assert.Equal(["calculation:123"], Taken(InvalidationTarget.ForTag("config")));
        Assert.Empty(Taken(InvalidationTarget.ForKey("calculation:123")));
        Assert.Empty(Taken(InvalidationTarget.Everything));
    }

    [Fact]
    public void Dependents_are_found_over_all_levels_nearest_first_and_a_cycle_ends()
    {
        _graph.Add("b", ["a"]);
        _graph.Add("c", ["b"]);
        _graph.Add("d", ["a", "c"]);
        _graph.Add("a", ["d"]);

        Assert.Equal(["b", "d", "c"], Taken(InvalidationTarget.ForKey("a")));
    }

    [Fact]
    public void A_dependent_contains_its_chain_and_the_target_that_reached_it()
    {
        _graph.Add("b", ["a"]);
        _graph.Add("c", ["b"]);

        var found = _graph.Expand([new(InvalidationTarget.ForTag("other")), new(InvalidationTarget.ForTag("a"))]);

        Assert.Equal(["a -> b", "a -> b -> c"], [found.ChainOf(0), found.ChainOf(1)]);
        Assert.Equal([1, 1], [found[0].From, found[1].From]);
    }

    [Fact]
    public void A_long_chain_is_reported_by_its_last_names()
    {
        for (var i = 0; i < 100; i++)
            _graph.Add($"k{i + 1}", [$"k{i}"]);

        var found = _graph.Expand([new(InvalidationTarget.ForKey("k0"))]);

        Assert.Equal(100, found.Count);
        Assert.Equal("... -> " + string.Join(" -> ", Enumerable.Range(85, 16).Select(i => $"k{i}")), found.ChainOf(99));
    }

    [Fact]
    public void The_last_observed_tags_of_a_base_lead_to_its_dependents()
    {
        _graph.Add("sum", ["price:1"]);
        _graph.Observe("price:1", ["old"]);
        _graph.Observe("price:1", ["prices", "\0rate", "euro"]);

        Assert.Equal(["sum"], Taken(InvalidationTarget.ForTag("prices")));
        Assert.Equal(["sum"], Taken(InvalidationTarget.ForKey("rate")));
        Assert.Equal(["sum"], Taken(InvalidationTarget.ForAllOf(["prices", "x"])));
        Assert.Empty(Taken(InvalidationTarget.ForTag("old")));
        Assert.Empty(Taken(InvalidationTarget.ForTag("rate")));
    }

    [Fact]
    public void A_pattern_leads_to_the_dependents_of_the_keys_it_matches()
    {
        _graph.Add("sum", ["price:1"]);

        Assert.Equal(["sum"], Taken(InvalidationTarget.ForPattern(new GlobPattern("price:*"))));
        Assert.Empty(Taken(InvalidationTarget.ForPattern(new GlobPattern("rate:*"))));
    }

    [Fact]
    public void An_entry_has_the_dependency_tags_and_the_tags_of_all_its_declared_bases()
    {
        _graph.Add("total", ["sum"]);
        _graph.Add("sum", ["price:1"]);
        _graph.Observe("price:1", ["prices"]);

        Assert.Equal(["sum", "\0\0sum", "price:1", "\0\0price:1", "prices"], _graph.NamesOf("total"));
        Assert.Equal(["price:1", "\0\0price:1", "prices"], _graph.NamesOf("sum"));
        Assert.Empty(_graph.NamesOf("price:1"));
        Assert.Empty(_graph.NamesOf("unknown"));
    }

    [Fact]
    public void Only_tags_of_keys_with_dependents_are_recorded()
    {
        _graph.Observe("price:1", ["prices"]);
        _graph.Add("sum", ["price:1"]);
        _graph.Observe("sum", ["sums"]);

        Assert.Equal(2, _graph.Names);
        Assert.Empty(Taken(InvalidationTarget.ForTag("prices")));
    }

    [Fact]
    public void The_memory_of_removed_dependencies_is_reclaimed()
    {
        _graph.Add("sum", ["price:1", "price:2"]);
        _graph.Add("total", ["sum"]);
        _graph.Observe("price:1", ["prices", "\0rate"]);
        Assert.Equal((3, 6), (_graph.Count, _graph.Names));

        Assert.True(_graph.Remove("sum", ["price:1"]));
        Assert.False(_graph.Remove("sum", ["price:1"]));
        Assert.Equal((2, 3), (_graph.Count, _graph.Names));
        Assert.True(_graph.Remove("sum", []));
        Assert.True(_graph.Remove("total", []));

        Assert.Equal((0, 0, true), (_graph.Count, _graph.Names, _graph.IsEmpty));
    }

    [Fact]
    public void Above_the_limit_of_recorded_tags_every_tag_reaches_the_dependents_of_a_key()
    {
        var graph = new DependencyGraph(maximumLearnt: 2);
        graph.Add("sum", ["price:1"]);
        graph.Add("other", ["price:2"]);
        graph.Observe("price:1", ["a", "b"]);
        graph.Observe("price:2", ["c"]);

        Assert.Equal(["other", "sum"], Taken(graph, InvalidationTarget.ForTag("a")).Order());
        Assert.Equal(["other"], Taken(graph, InvalidationTarget.ForTag("anything")));

        graph.Observe("price:1", ["a"]);
        graph.Observe("price:2", ["c"]);
        Assert.Empty(Taken(graph, InvalidationTarget.ForTag("anything")));
    }

    [Fact]
    public void A_thousand_dependents_of_one_name_are_each_found_once()
    {
        for (var i = 0; i < 1000; i++)
            _graph.Add($"k{i}", ["base"]);

        Assert.Equal(1000, Taken(InvalidationTarget.ForKey("base")).Distinct().Count());
        for (var i = 0; i < 1000; i++)
            Assert.True(_graph.Remove($"k{i}", ["base"]));
        Assert.Equal(0, _graph.Names);
    }

    private string[] Taken(InvalidationTarget target) => Taken(_graph, target);

    private static string[] Taken(DependencyGraph graph, InvalidationTarget target)
    {
        var found = graph.Expand([new(target)]);
        return [.. Enumerable.Range(0, found.Count).Select(i => found[i].Key)];
    }
}
