using Unstale.Log;
using Unstale.Node;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>The time at which no node can serve an invalidated value any more, in milliseconds.</summary>
public sealed class ConvergenceCheckTests
{
    private const long Long = 1_000_000;
    private static readonly Generation G = Generation.Create();
    private readonly ConvergenceCheck _check = new(allowance: 0);

    [Fact]
    public void A_node_that_has_applied_the_record_is_not_waited_for()
    {
        Take(at: Long, needed: 7, Member("a", 7), Member("b", 9));
        Assert.Null(Left(at: Long, needed: 7));
    }

    [Fact]
    public void A_node_behind_is_waited_for_its_serving_time_and_a_hundredth_from_its_first_report()
    {
        Take(at: Long, needed: 7, Member("a", 7), Member("b", 6));
        Assert.Equal(5_050, Left(at: Long, needed: 7));
        Take(at: Long + 3_000, needed: 7, Member("a", 7), Member("b", 6, confirmation: 2));
        Assert.Equal(1, Left(at: Long + 5_049, needed: 7));
        Assert.Null(Left(at: Long + 5_050, needed: 7));
    }

    [Fact]
    public void The_time_since_the_last_progress_of_a_node_counts_in_the_convergence_check()
    {
        _check.Apply(new MembershipSnapshot(G, [(Member("b", 6), Long - 5_000)], 5_000), 7, Long);
        Assert.Equal(50, Left(at: Long, needed: 7));
    }

    [Fact]
    public void Each_node_has_its_own_serving_time_and_the_failover_grace_period_is_added()
    {
        var check = new ConvergenceCheck(allowance: 10_000);
        check.Apply(new MembershipSnapshot(G, [(Member("b", 6), Long), (Member("c", 1) with { ServesFor = TimeSpan.FromSeconds(60) }, Long)], 60_000), 7, Long);
        Assert.False(check.IsOver(new NodeStatus(G, 0, IsSettled: true), 7, Long, out var left));
        Assert.Equal(70_600, left);
    }

    [Fact]
    public void A_node_that_left_the_list_is_not_waited_for()
    {
        Take(at: Long, needed: 7, Member("b", 6));
        Take(at: Long + 5, needed: 7, Member("a", 7));
        Assert.Null(Left(at: Long + 5, needed: 7));
    }

    [Fact]
    public void A_node_in_another_generation_is_behind_at_any_cursor()
    {
        Take(at: Long, needed: 7, Member("a", 7), Member("b", 99) with { Generation = Generation.Create() }, Member("c", 0) with { Generation = Generation.None });
        Assert.Equal(5_050, Left(at: Long, needed: 7));
    }

    [Fact]
    public void A_record_that_the_generation_does_not_contain_needs_no_wait_for_its_nodes()
    {
        Take(at: Long, needed: 0, Member("a", 0), Member("b", 3));
        Assert.Null(Left(at: Long, needed: 0));
    }

    [Fact]
    public void In_a_young_generation_nodes_missing_from_the_list_are_waited_for()
    {
        Take(at: Long, needed: 7, Member("a", 7));
        Assert.False(_check.IsOver(new NodeStatus(G, Long - 1_000, IsSettled: true), 7, Long, out var left));
        Assert.Equal(4_050, left);
    }

    [Fact]
    public void A_different_generation_or_position_restarts_the_convergence_check()
    {
        Take(at: Long, needed: 7, Member("b", 6));
        Take(at: Long + 2_000, needed: 9, Member("b", 6, confirmation: 2));
        Assert.Equal(5_050, Left(at: Long + 2_000, needed: 9));
    }

    [Fact]
    public void The_convergence_check_is_not_over_while_the_own_node_is_at_another_position()
    {
        Assert.False(_check.IsOver(new NodeStatus(G, 0, IsSettled: true), 0, Long, out _));
        Take(at: Long, needed: 7, Member("a", 7));
        foreach (var place in new[] { new NodeStatus(G, 0, IsSettled: false), new NodeStatus(Generation.Create(), 0, IsSettled: true), default })
        {
            Assert.False(_check.IsOver(place, 7, Long + 100_000, out var left));
            Assert.Null(left);
        }

        Assert.False(_check.IsOver(new NodeStatus(G, 0, IsSettled: true), 8, Long + 100_000, out _));
    }

    [Fact]
    public void A_list_of_nodes_without_a_generation_does_not_end_the_convergence_check()
    {
        _check.Apply(new MembershipSnapshot(Generation.None, [], 5_000), 7, Long);
        Assert.False(_check.IsOver(new NodeStatus(Generation.None, 0, IsSettled: true), 7, Long + 100_000, out var left));
        Assert.Null(left);
    }

    private static LogMember Member(string node, long cursor, long confirmation = 1) => new(node, G, cursor, TimeSpan.FromSeconds(5)) { Confirmation = confirmation };

    private void Take(long at, long needed, params LogMember[] members) =>
        _check.Apply(new MembershipSnapshot(G, [.. members.Select(m => (m, at))], 5_000), needed, at);

    /// <summary>Remaining time; null if the wait is over.</summary>
    private long? Left(long at, long needed) => _check.IsOver(new NodeStatus(G, 0, IsSettled: true), needed, at, out var left) ? null : left;
}
