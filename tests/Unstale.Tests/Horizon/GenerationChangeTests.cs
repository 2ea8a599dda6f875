using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Horizon;

public sealed class GenerationChangeTests
{
    private readonly HorizonUnderTest _test = new();
    private ulong _number = 1;

    private Generation Here => _test.Horizon.Position.Generation;

    [Fact]
    public void A_generation_that_was_left_is_not_adopted_again()
    {
        var left = Here;
        Meet(Next());
        Meet(left);
        AssertReplaced(left);
        var fresh = Next();
        Meet(fresh);
        Assert.Equal(fresh, Here);
        Assert.True(_test.IsTrusted);
    }

    [Fact]
    public void A_generation_is_left_when_an_earlier_left_generation_returns()
    {
        var (first, second) = (Here, Next());
        Meet(second);
        Meet(first);
        AssertReplaced(first);
        Meet(second);
        AssertReplaced(second);
    }

    [Fact]
    public void A_broken_generation_counts_as_left_though_it_was_never_adopted()
    {
        var broken = Next();
        _test.Horizon.Tailed(new TailReply(TailState.Broken, broken, 0, 0, []), _test.Horizon.Snapshot(_test.Now));
        AssertReplaced(broken);
        Meet(broken);
        AssertReplaced(broken);
    }

    [Fact]
    public void A_left_generation_is_not_adopted_again_after_any_number_of_later_generations()
    {
        var left = new List<Generation> { Here };
        for (var i = 0; i < 200; i++)
        {
            var next = Next();
            Meet(next);
            Assert.Equal(next, Here);
            left.Add(next);
        }

        left.RemoveAt(left.Count - 1);
        foreach (var generation in left)
        {
            Meet(generation);
            AssertReplaced(generation);
        }
    }

    [Fact]
    public void An_unknown_generation_as_old_as_a_dropped_one_counts_as_left_and_a_later_one_does_not()
    {
        Leave(100);
        var stranger = Generation.Create(after: 10);
        Meet(stranger);
        AssertReplaced(stranger);
        var later = Generation.Create(after: 5_000);
        Meet(later);
        Assert.Equal(later, Here);
    }

    [Fact]
    public void Generations_without_numbers_count_as_left_once_one_was_dropped()
    {
        for (var i = 1UL; i <= 70; i++)
            Meet(new Generation(i));
        Meet(new Generation(5_000));
        AssertReplaced(new Generation(5_000));
    }

    [Fact]
    public void Two_nodes_with_dropped_generations_agree_after_at_most_one_new_generation_each()
    {
        var other = new GenerationChangeTests();
        Leave(100);
        other.Leave(300);
        var (server, created) = (Generation.Create(after: 7), 0);
        for (var round = 0; round < 4; round++)
        {
            foreach (var node in new[] { this, other })
            {
                if (node.Here == server)
                    continue;
                node.Meet(server);
                if (node._test.Effects().CreateInstead is null)
                    continue;
                created++;
                server = node.Next(above: server.Number);
                node.Meet(server);
            }
        }

        Assert.InRange(created, 1, 2);
        Assert.Equal(server, Here);
        Assert.Equal(server, other.Here);
    }

    [Fact]
    public void A_late_reply_of_a_left_generation_does_not_end_the_current_generation()
    {
        var operation = _test.Raise(InvalidationTarget.ForTag("t"));
        var snapshot = _test.Horizon.Snapshot(_test.Now);
        var left = Here;
        Meet(Next());
        var here = Here;
        _test.Effects();
        Assert.False(_test.Horizon.Acknowledged(operation, new AppendReply(left, 1, 0), snapshot, _test.Now));
        Assert.Equal(here, Here);
        var effects = _test.Effects();
        Assert.True(effects is { Tail: true, CreateInstead: null, Forgotten: false });
        Assert.Equal(1, _test.Horizon.Queued);
    }

    [Fact]
    public void A_late_reply_of_an_unmet_older_generation_does_not_end_the_current_generation()
    {
        var operation = _test.Raise(InvalidationTarget.ForTag("t"));
        var unmet = Next();
        Meet(Next());
        var here = Here;
        Assert.False(_test.Horizon.Acknowledged(operation, new AppendReply(unmet, 1, 0), _test.Horizon.Snapshot(_test.Now), _test.Now));
        Assert.Equal(here, Here);
    }

    [Fact]
    public void An_answer_of_a_later_generation_ends_the_present_one_for_good()
    {
        var operation = _test.Raise(InvalidationTarget.ForTag("t"));
        var left = Here;
        Assert.False(_test.Horizon.Acknowledged(operation, new AppendReply(Next(), 1, 0), _test.Horizon.Snapshot(_test.Now), _test.Now));
        Meet(left);
        AssertReplaced(left);
    }

    [Fact]
    public void A_new_generation_has_the_next_number_up_to_the_maximum()
    {
        Assert.Equal(8UL, Generation.Create(after: 7).Number);
        Assert.Equal(1UL, Generation.Create().Number);
        Assert.Equal(ulong.MaxValue, Generation.Create(after: ulong.MaxValue).Number);
        Assert.NotEqual(Generation.Create(after: 7), Generation.Create(after: 7));
        Assert.Equal(7UL, Generation.Parse(Generation.Create(after: 6).ToString()).Number);
    }

    private void Leave(int times)
    {
        for (var i = 0; i < times; i++)
            Meet(Next());
        _test.Effects();
    }

    private Generation Next(ulong above = 0)
    {
        var next = Generation.Create(Math.Max(_number, above));
        _number = next.Number;
        return next;
    }

    /// <summary>Answers a tail from another generation.</summary>
    private void Meet(Generation generation) =>
        _test.Horizon.Tailed(new TailReply(TailState.OtherGeneration, generation, 0, 0, []), _test.Horizon.Snapshot(_test.Now));

    private void AssertReplaced(Generation left)
    {
        Assert.Equal(left, _test.Effects().CreateInstead);
        Assert.Equal(Generation.None, Here);
        Assert.False(_test.IsTrusted);
    }
}
