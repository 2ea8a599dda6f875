using Xunit;

namespace Unstale.Tests;

/// <summary>Position texts sent by clients to exhaust memory.</summary>
public sealed class HostilePositionTests
{
    private const string History = "0123456789abcdef0123456789abcdef";

    public static TheoryData<string> Hostile => ["commas", "dashes", "one long part", "many positions", "a long number"];

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_text_beyond_the_limit_of_positions_is_refused_in_little_memory(string kind)
    {
        var text = kind switch
        {
            "commas" => new string(',', 8 << 20),
            "dashes" => new string('-', 8 << 20),
            "one long part" => $"0-{History}-{new string('1', 8 << 20)}",
            "many positions" => string.Join(',', Enumerable.Range(0, 100_000).Select(static i => $"{i}-{History}-1")),
            _ => $"{new string('0', 100)}-{History}-1",
        };
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(LogPositions.TryParse(text, null, out _));
        Assert.False(LogPosition.TryParse(text, null, out _));
        Assert.True(Assert.Throws<FormatException>(() => LogPositions.Parse(text)).Message.Length < 500);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void As_many_positions_as_the_limit_are_read()
    {
        var text = string.Join(',', Enumerable.Range(0, 1024).Select(static i => $"{i}-{History}-{long.MaxValue}"));
        Assert.Equal(text, LogPositions.Parse(text).ToString());
    }
}
