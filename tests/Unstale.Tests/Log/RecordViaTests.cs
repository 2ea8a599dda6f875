using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Log;

public sealed class RecordViaTests
{
    private static readonly string?[] Nasty = [null, "a", "prices", "|", "\\", "\n", "\r\n", "n", "r", "\\n", "a|b", "product -> pricing", "\u2028", "1|x", "ключ", "\0"];

    [Fact]
    public void Consecutive_targets_of_one_origin_share_one_line_of_the_origin_text()
    {
        TargetOrigin[] origins = [default, default, new("prices", null), new("prices", "product -> pricing"), new("prices", "product -> pricing"), new("a|b", null)];
        Assert.Equal("2||\n1|prices|\n2|prices|product -> pricing\n1|a\\|b|", Via(origins));
    }

    [Fact]
    public void Targets_named_by_the_call_have_no_origin_text()
    {
        Assert.Null(RecordVia.Format([]));
        Assert.Null(Via(new TargetOrigin[500]));
    }

    [Fact]
    public void An_origin_text_longer_than_the_limit_of_a_record_is_omitted_entirely()
    {
        Assert.Equal(2_048, Via([new(new string('r', 2_045), null)])!.Length);
        Assert.Null(Via([new(new string('r', 2_046), null)]));
        Assert.Null(Via([new(new string('ы', 1_023), null)]));
    }

    [Fact]
    public void An_unpaired_surrogate_in_an_origin_is_written_as_the_replacement_character() =>
        Assert.Equal("1|a\uFFFD|", Via([new("a\uD800", null)]));

    [Fact]
    public void Every_target_is_read_as_it_was_written()
    {
        var random = new Random(7);
        for (var i = 0; i < 2_000; i++)
        {
            var origins = Enumerable.Range(0, random.Next(1, 12)).Select(_ => new TargetOrigin(Any(random), Any(random))).ToArray();
            var record = Record(Via(origins), origins.Length);
            Assert.Equal(origins, Enumerable.Range(0, origins.Length).Select(t => RecordVia.Parse(record, t)));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1|a|b")]
    [InlineData("3|a|b")]
    [InlineData("x|a|b")]
    [InlineData("-1|a|b\n3|a|b")]
    [InlineData("2|a|b\n")]
    [InlineData("2147483647|a|b\n2147483647|a|b")]
    public void An_origin_text_that_does_not_fit_the_targets_is_ignored(string? via)
    {
        var record = Record(via, 2);
        Assert.Equal([default, default], Enumerable.Range(0, 2).Select(t => RecordVia.Parse(record, t)));
    }

    private static string? Via(TargetOrigin[] origins) => RecordVia.Format(Array.ConvertAll(
        origins, static origin => new InvalidationItem(InvalidationTarget.ForTag("t"), origin.Rule is null ? null : new(origin.Rule), origin.Chain)));

    private static string? Any(Random random) => Nasty[random.Next(Nasty.Length)];

    private static InvalidationRecord Record(string? via, int targets) => new(
        1,
        Enumerable.Range(0, targets).Select(i => InvalidationTarget.ForKey($"k{i}")).ToArray(),
        new RecordOrigin("n", "s"),
        DateTimeOffset.UnixEpoch)
    {
        Via = via,
    };
}
