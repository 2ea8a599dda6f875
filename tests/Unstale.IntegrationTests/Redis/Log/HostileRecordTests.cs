using System.Text;
using Unstale.Log;
using Unstale.Redis.Connection;
using Unstale.Redis.Log;
using Unstale.Redis.SecondLevel;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Log;

/// <summary>Records, pushes and script replies that demand excessive memory.</summary>
public sealed class HostileRecordTests
{
    private const string Generation = "0123456789abcdef0123456789abcdef";
    private const int Large = 8 << 20;
    private const int Small = 1 << 20;

    [Theory]
    [InlineData("key")]
    [InlineData("tag")]
    [InlineData("glob")]
    [InlineData("regex")]
    [InlineData("allof")]
    [InlineData("why")]
    [InlineData("trace")]
    [InlineData("via")]
    [InlineData("by")]
    [InlineData("ver")]
    [InlineData("colour")]
    public void A_record_with_one_huge_text_is_read_as_everything_with_its_id_in_little_memory(string kind)
    {
        var text = kind switch
        {
            "allof" => [.. "["u8, .. Enumerable.Repeat("\"a\","u8.ToArray(), Large / 4).SelectMany(static b => b), .. "\"a\"]"u8],
            "ver" => [.. "0000000000000000042 "u8, .. Letters(Large)],
            "by" => [.. "n "u8, .. Letters(Large)],
            _ => Letters(Large),
        };
        AssertEverything([.. Head(), Utf8(kind), text, Utf8("tag"), Utf8("t")]);
    }

    [Fact]
    public void A_record_of_very_many_targets_is_read_as_everything_in_little_memory() =>
        AssertEverything([.. Head(), .. Enumerable.Repeat(0, 300_000).SelectMany(static _ => new[] { Utf8("tag"), Utf8("t") })]);

    [Fact]
    public void A_record_with_its_id_behind_too_many_targets_keeps_the_id() =>
        AssertEverything([.. Enumerable.Repeat(0, 300_000).SelectMany(static _ => new[] { Utf8("tag"), Utf8("t") }), .. Head()]);

    [Fact]
    public void The_largest_records_of_a_writer_are_read_back_complete()
    {
        var origin = new RecordOrigin("n", "s");
        var longest = new string('€', 65_536);
        InvalidationTarget[][] all =
        [
            [InvalidationTarget.ForKey(longest)],
            [.. Enumerable.Range(0, 500).Select(static i => InvalidationTarget.ForTag($"tag:{i}"))],
            [InvalidationTarget.ForPattern(new GlobPattern(new string('€', KeyPattern.MaximumLength)))],
            [InvalidationTarget.ForAllOf(Enumerable.Range(1, 4).Select(static i => new string((char)i, 511)))],
        ];
        foreach (var targets in all)
        {
            var record = new InvalidationRecord(1, targets, origin, DateTimeOffset.UnixEpoch, new string('€', 170), "00-1-2-00") { Via = new string('v', 2_048) };
            var read = WrittenRecord.Read(WrittenRecord.Strings(record), out var isWhole);
            Assert.True(isWhole);
            Assert.True(read.Targets.SequenceEqual(targets));
        }
    }

    [Theory]
    [InlineData(400_000)]
    [InlineData(long.MaxValue >> 11)]
    public void A_push_of_very_many_records_is_not_read(long count)
    {
        var payload = WrittenRecord.Push($"{Generation}|7|{99:x16}|{count}", [.. Enumerable.Repeat(Array.Empty<byte[]>(), 400_000)]);
        Assert.False(new PushReader(payload).TryHead());
    }

    [Fact]
    public void A_push_far_above_the_push_limit_is_not_read()
    {
        byte[][] record = [.. Head(), Utf8("key"), Letters(Large)];
        Assert.False(new PushReader(WrittenRecord.Push($"{Generation}|7|{99:x16}|1", record)).TryHead());
    }

    [Fact]
    public void A_tail_of_very_many_records_fails_by_name()
    {
        var entry = List(Text("0-8"), List());
        var tail = List(Text("records"), Text(Generation), Text("8"), Text("000000000000002a"), Text(""), RedisReply.FromItems([.. Enumerable.Repeat(entry, 200_000)]));
        var allocated = Allocated(() => Assert.Throws<UnexpectedReplyException>(() =>
        {
            var isWhole = true;
            TailFormat.Parse(tail, ref isWhole);
        }));
        Assert.InRange(allocated, 0, Small);
    }

    [Fact]
    public void An_entry_of_very_many_words_counts_as_a_node_that_never_confirms_and_takes_little_memory()
    {
        var words = Bulk(Enumerable.Repeat((byte)' ', Large).ToArray());
        var members = List(Text(Generation), Text("n1"), words, Text("n2"), Text($"5 {Generation} 7 5000 1767323045678"));
        LogMembers? read = null;
        Assert.InRange(Allocated(() => read = MembersFormat.Parse(members)), 0, Small);
        Assert.Equal(["n2", "n1"], read!.Members.Select(static member => member.Node));
        Assert.Equal(0, read.Members[1].Confirmation);
    }

    [Fact]
    public void A_huge_name_of_a_node_takes_little_memory_and_the_node_never_confirms()
    {
        var members = List(Text(Generation), Bulk(Letters(Large)), Text($"5 {Generation} 7 5000 1767323045678"));
        LogMembers? read = null;
        Assert.InRange(Allocated(() => read = MembersFormat.Parse(members)), 0, Small);
        Assert.Equal(0, Assert.Single(read!.Members).Confirmation);
    }

    [Theory]
    [InlineData("many")]
    [InlineData("long glob")]
    [InlineData("long allof")]
    [InlineData("length past the end")]
    public void Listed_selectors_beyond_the_limits_hide_a_value_and_match_every_key_of_a_sweep(string kind)
    {
        var list = kind switch
        {
            "many" => Utf8(string.Concat(Enumerable.Range(1, 300_000).Select(static i => $"{i}:glob:2:x*"))),
            "long glob" => [.. Utf8($"5:glob:{Large}:"), .. Letters(Large)],
            "long allof" => [.. Utf8($"5:allof:{Large}:[\""), .. Letters(Large - 4), .. "\"]"u8],
            _ => Utf8($"5:glob:{long.MaxValue >> 11}:x*"),
        };
        var selectors = new SelectorCache();
        IReadOnlyList<InvalidationTarget>? targets = [];
        Assert.InRange(Allocated(() => targets = selectors.Targets(list)), 0, Small);
        Assert.Null(targets);
        PendingSelectors? sweep = null;
        Assert.InRange(Allocated(() => sweep = new PendingSelectors(9, list)), 0, Small);
        Assert.Equal("9", sweep!.Match("key"));
    }

    [Fact]
    public void As_many_selectors_as_the_scripts_list_are_read()
    {
        var list = Utf8(string.Concat(Enumerable.Range(1, 64).Select(static i => $"{i}:glob:2:x*")));
        Assert.Equal(64, new SelectorCache().Targets(list)!.Count);
        Assert.Equal("", new PendingSelectors(64, list).Match("key"));
    }

    private static void AssertEverything(byte[][] strings)
    {
        InvalidationRecord? record = null;
        var isWhole = true;
        Assert.InRange(Allocated(() => record = WrittenRecord.Read(strings, out isWhole)), 0, Small);
        Assert.False(isWhole);
        Assert.Equal((0x2A, InvalidationTarget.Everything), (record!.Id, Assert.Single(record.Targets.ToArray())));
    }

    private static long Allocated(Action decode)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        decode();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static byte[][] Head() => [.. "f|1|id|000000000000002a|at|0|by|n s".Split('|').Select(Utf8)];

    private static byte[] Letters(int length)
    {
        var text = new byte[length];
        text.AsSpan().Fill((byte)'x');
        return text;
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static RedisReply Bulk(byte[] bytes) => RedisReply.FromBytes(RedisReplyType.Bulk, bytes);

    private static RedisReply Text(string text) => Bulk(Utf8(text));

    private static RedisReply List(params RedisReply[] items) => RedisReply.FromItems(items);
}
