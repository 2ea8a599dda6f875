using Unstale.Log;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Values;

/// <summary>Limits on the memory and time that received regular expressions cost a node.</summary>
public sealed class RegexAutomataTests
{
    private const long Kilobyte = 1024;
    private const long Megabyte = 1024 * Kilobyte;

    private long _now = 1_000_000;

    [Fact]
    public void A_received_pattern_costs_little_until_it_has_to_match()
    {
        _ = InvalidationTarget.ForRecordedRegex(@"warm:\d+");
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1500; i++)
            _ = InvalidationTarget.ForRecordedRegex($@"user:{i}:\w+:\d+$");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 30 * Megabyte);
    }

    [Fact]
    public void Patterns_of_one_text_are_compiled_once()
    {
        Assert.True(InvalidationTarget.ForRecordedRegex(@"shared:\d+").Concerns("shared:1", []));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            Assert.True(InvalidationTarget.ForRecordedRegex(@"shared:\d+").Concerns("shared:2", []));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100 * 20 * Kilobyte);
    }

    [Fact]
    public void The_memory_of_automata_is_bounded_and_an_expression_without_room_matches_everything()
    {
        var automata = Automata(capacity: 4 * Megabyte);
        var exact = 0;
        for (var i = 0; i < 200; i++)
            exact += automata.MayMatch($@"user:{i}:\w+$", "product:1") ? 0 : 1;
        Assert.InRange(exact, 2, 100);
        Assert.Equal((200 - exact, 0), (automata.WithoutRoom, automata.AbandonedCount));
        Assert.True(automata.MayMatch(@"user:199:\w+$", "product:1"));
        Assert.Equal(201 - exact, automata.WithoutRoom);
        Assert.InRange(automata.Bytes, 0, 8 * Megabyte);

        // Whether or not there is room, no match is missed.
        for (var i = 0; i < 200; i++)
            Assert.True(automata.MayMatch($@"user:{i}:\w+$", $"user:{i}:a"));
    }

    [Fact]
    public void An_automaton_is_admitted_again_once_the_others_were_not_used_recently()
    {
        var automata = Automata(capacity: 2 * Megabyte);
        for (var i = 0; i < 50; i++)
            automata.MayMatch($@"user:{i}:\w+$", "k");
        Assert.True(automata.MayMatch(@"new:\w+$", "k"));
        _now += RegexAutomata.Recent;
        Assert.False(automata.MayMatch(@"new:\w+$", "k"));
    }

    [Fact]
    public void Automata_unused_for_a_minute_are_released()
    {
        var automata = Automata(capacity: 16 * Megabyte);
        automata.MayMatch(@"old:\d+", "k");
        _now += RegexAutomata.Idle - 1;
        automata.MayMatch(@"young:\d+", "k");
        automata.Trim();
        Assert.Equal(2, automata.Count);
        _now += 1;
        automata.Trim();
        Assert.Equal(1, automata.Count);
        _now += RegexAutomata.Idle;
        automata.Trim();
        Assert.Equal((0, 0L), (automata.Count, automata.Bytes));
        Assert.False(automata.MayMatch(@"old:\d+", "k"));
    }

    [Fact]
    public void An_automaton_that_grows_beyond_its_limit_is_abandoned_and_matches_everything()
    {
        const string Bomb = ".*a.{1000}";
        var automata = Automata(capacity: 16 * Megabyte, largest: Megabyte);
        var random = new Random(1);
        var key = new char[400];
        for (var i = 0; i < 5_000 && !automata.MayMatch(Bomb, "b"); i++)
        {
            for (var c = 0; c < key.Length; c++)
                key[c] = "ab"[random.Next(2)];
            automata.MayMatch(Bomb, key);
        }

        var before = automata.AbandonedCount;
        Assert.True(automata.MayMatch(Bomb, "b"));
        Assert.Equal((before + 1, 0), (automata.AbandonedCount, automata.WithoutRoom));
        Assert.InRange(automata.Bytes, 0, 2 * Megabyte);
        Assert.False(automata.IsMatch(Bomb, "b"));
    }

    [Theory]
    [InlineData("(a{1000}){1000}")]
    [InlineData("(?=a)b")]
    [InlineData(@"(a)\1")]
    public void A_received_pattern_that_the_engine_refuses_matches_everything(string text) =>
        Assert.True(InvalidationTarget.ForRecordedRegex(text).Concerns("anything", []));

    [Theory]
    [InlineData("(")]
    [InlineData("a)|(b")]
    [InlineData("(?x)a #b")]
    public void A_received_text_that_is_no_regular_expression_is_refused(string text) =>
        Assert.Throws<ArgumentException>(() => InvalidationTarget.ForRecordedRegex(text));

    [Fact]
    public void A_received_text_that_is_too_long_is_refused() =>
        Assert.Throws<ArgumentException>(() => InvalidationTarget.ForRecordedRegex(new string('a', KeyPattern.MaximumLength + 1)));

    [Fact]
    public async Task Threads_that_match_at_once_agree()
    {
        var automata = Automata(capacity: 3 * Megabyte);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 300; i++)
                Assert.True(automata.MayMatch($@"k:{i % 7}:\d+$", $"k:{i % 7}:{thread}"));
        })));
        Assert.True(automata.Bytes >= 0);
    }

    private RegexAutomata Automata(long capacity, long largest = 4 * Megabyte) => new(capacity, largest, () => _now);
}
