using System.Text;
using Unstale.Log;
using Unstale.Redis.Log;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Log;

/// <summary>Text of records, as read by other versions and redis-cli. A change of a line here is a change of the format.</summary>
public sealed class RecordFormatTests
{
    private static readonly RecordOrigin Origin = new("n1", "the shop");
    private static readonly DateTimeOffset Time = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);
    private static readonly string[] Nasty = ["a", "ключ", "\0", "line\r\nline", "\"quoted\\", "😀", " ", "ÿ\u0001", new('x', 3000), "key", "[", "a,b", "\u2028"];

    public static TheoryData<string, InvalidationTarget> Kinds => new()
    {
        { "key|user:1", InvalidationTarget.ForKey("user:1") },
        { "tag|catalogue", InvalidationTarget.ForTag("catalogue") },
        { "glob|user:*", InvalidationTarget.ForPattern(new GlobPattern("user:*")) },
        { "regex|order:[0-9]+", InvalidationTarget.ForPattern(new RegexPattern("order:[0-9]+")) },
        { """allof|["red","ä\"b"]""", InvalidationTarget.ForAllOf(["red", "ä\"b"]) },
        { "everything|", InvalidationTarget.Everything },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_record_of_each_target_kind_has_the_documented_text(string written, InvalidationTarget target)
    {
        var record = new InvalidationRecord(0x2A, target, Origin, Time);
        Assert.Equal($"8|2|f|1|id|000000000000002a|at|1767323045678|by|n1 the shop|{written}", Text(record));
    }

    [Fact]
    public void The_reason_and_the_trace_of_a_record_are_written_after_its_origin()
    {
        var record = new InvalidationRecord(long.MaxValue, InvalidationTarget.ForKey("k"), new RecordOrigin("n", ""), Time, "price changed", "00-1-2-00");
        Assert.Equal("12|2|f|1|id|7fffffffffffffff|at|1767323045678|by|n |why|price changed|trace|00-1-2-00|key|k", Text(record));
    }

    [Theory]
    [InlineData(RecordFlags.Lazy, null, "10|2", "|how|lazy")]
    [InlineData(RecordFlags.ServeStaleOnce, null, "10|2", "|how|once")]
    [InlineData(RecordFlags.Lazy | RecordFlags.ServeStaleOnce, null, "10|2", "|how|lazy once")]
    [InlineData(RecordFlags.None, "1|prices|product -> pricing", "10|2", "|via|1|prices|product -> pricing")]
    [InlineData(RecordFlags.DirectDependents, null, "10|2", "|how|direct")]
    [InlineData(RecordFlags.Lazy | RecordFlags.ServeStaleOnce | RecordFlags.DirectDependents, null, "10|2", "|how|lazy once direct")]
    [InlineData(RecordFlags.Lazy, "1|prices|", "12|2", "|how|lazy|via|1|prices|")]
    public void Flags_and_origins_of_a_record_are_written_before_its_targets(RecordFlags flags, string? via, string counts, string pairs)
    {
        var record = new InvalidationRecord(0x2A, InvalidationTarget.ForTag("t"), Origin, Time) { Flags = flags, Via = via };
        Assert.Equal($"{counts}|f|1|id|000000000000002a|at|1767323045678|by|n1 the shop{pairs}|tag|t", Text(record));
    }

    [Fact]
    public void A_version_is_written_with_19_digits_before_the_name_of_its_cache()
    {
        var record = new InvalidationRecord(0x2A, InvalidationTarget.ForKey("k"), Origin, Time) { Via = "1|r|", Version = new KeyVersion("the: shop", 42) };
        Assert.Equal("12|2|f|1|id|000000000000002a|at|1767323045678|by|n1 the shop|via|1|r||ver|0000000000000000042 the%3A%20shop|key|k", Text(record));
    }

    [Theory]
    [InlineData("")]
    [InlineData("42 shop")]
    [InlineData("0000000000000000000 shop")]
    [InlineData("9999999999999999999 shop")]
    [InlineData("0000000000000000042shop")]
    [InlineData("00000000000000000x2 shop")]
    public void An_unreadable_version_is_parsed_as_no_version(string text) => Assert.Null(KeyVersionFormat.Parse(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void The_size_of_a_record_includes_the_origins_of_its_targets()
    {
        var plain = new InvalidationRecord(1, InvalidationTarget.ForTag("t"), Origin, Time);
        var reported = new InvalidationRecord(1, InvalidationTarget.ForTag("t"), Origin, Time) { Via = "1|ключ|" };
        Assert.Equal(plain.Size + 11, reported.Size);
    }

    [Fact]
    public void The_targets_of_a_record_are_written_in_their_order()
    {
        var record = new InvalidationRecord(1, [InvalidationTarget.ForTag("b"), InvalidationTarget.ForKey("a")], Origin, Time);
        Assert.EndsWith("|by|n1 the shop|tag|b|key|a", Text(record), StringComparison.Ordinal);
        Assert.StartsWith("8|4|", Text(record), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_record_is_read_as_it_was_written()
    {
        var random = new Random(20260102);
        for (var i = 0; i < 2000; i++)
        {
            var record = Any(random);
            AssertSame(record, WrittenRecord.Read(WrittenRecord.Strings(record), out var isWhole));
            Assert.True(isWhole);
        }
    }

    [Fact]
    public void A_push_of_several_records_is_read_as_it_was_written()
    {
        var random = new Random(5);
        for (var i = 0; i < 200; i++)
        {
            var records = Enumerable.Range(0, random.Next(1, 6)).Select(_ => Any(random)).ToArray();
            var generation = Generation.Create();
            var push = new PushReader(WrittenRecord.Push($"{generation}|7|{99:x16}|{records.Length}", [.. records.Select(WrittenRecord.Strings)]));
            Assert.True(push.TryHead());
            Assert.Equal((generation, records.Length), (push.Generation, push.Count));
            var previous = 99L;
            for (var r = 0; r < records.Length; r++)
            {
                Assert.True(push.TryRecord(null, out var logged, out var isWhole) && isWhole);
                Assert.Equal((7 + r, previous), (logged.Sequence, logged.PreviousId));
                AssertSame(records[r], logged.Record);
                previous = records[r].Id;
            }

            Assert.Equal(0, push.Count);
        }
    }

    [Theory]
    [InlineData("f|2|id|000000000000002a|at|0|by|n s|key|k", 42)]
    [InlineData("id|000000000000002a|at|0|by|n s|key|k", 42)]
    [InlineData("f|1|id|000000000000002a|at|0|by|n s|colour|red", 42)]
    [InlineData("f|1|id|000000000000002a|at|0|by|n s|key|k|colour|red", 42)]
    [InlineData("f|1|id|000000000000002a|at|0|by|n s|glob|", 42)]
    [InlineData("f|1|id|000000000000002a|at|0|by|n s|regex|(", 42)]
    [InlineData("f|1|id|000000000000002a|at|0|by|n s|allof|red", 42)]
    [InlineData("f|1|id|000000000000002a|at|0|by|n s|allof|[1]", 42)]
    [InlineData("f|1|id|000000000000002a|at|0|by|n s|allof|[null]", 42)]
    [InlineData("f|1|id|000000000000002a|at|0|by|n s|allof|[\"a\"", 42)]
    [InlineData("f|1|id|000000000000002a|at|0|by|n s|allof|[\"a\"] []", 42)]
    [InlineData("f|1|id|000000000000002a|at|0|by|n s|allof|[\"\\ud800\"]", 42)]
    [InlineData("f|1|id|000000000000002a|at|0|by|n s|allof|", 42)]
    [InlineData("f|1|id|000000000000002a|at|99999999999999999|by|n s|key|k", 42)]
    [InlineData("f|1|id|000000000000002a|at|soon|by|n s|key|k", 42)]
    [InlineData("f|1|id|000000000000002a|at|0|by|nobody|key|k", 42)]
    [InlineData("f|1|id|000000000000002a|at|0|key|k", 42)]
    [InlineData("f|1|id|000000000000002a|at|0|by|n s", 42)]
    [InlineData("f|1|id|000000000000002a|at|0|by|n s|how|twice|key|k", 42)]
    [InlineData("f|1|id|000000000000002a|at|0|by|n s|how|lazy twice|key|k", 42)]
    [InlineData("f|1|id|000000000000002a|at|0|by|n s|how|lazy  once|key|k", 42)]
    [InlineData("f|1|id|000000000000002a|at|0|by|n s|how|Lazy|key|k", 42)]
    [InlineData("f|1|id|000000000000002a|at|0|by|n s|how||key|k", 42)]
    [InlineData("f|1|id|2a|at|0|by|n s|key|k", 0)]
    [InlineData("f|1|id|000000000000002g|at|0|by|n s|key|k", 0)]
    [InlineData("f|1|at|0|by|n s|key|k", 0)]
    public void A_record_that_cannot_be_read_invalidates_everything_and_keeps_its_id(string strings, long id)
    {
        var record = WrittenRecord.Read([.. strings.Split('|').Select(Encoding.UTF8.GetBytes)], out var isWhole);
        Assert.False(isWhole);
        Assert.Equal(id, record.Id);
        Assert.Equal([InvalidationTarget.Everything], record.Targets.ToArray());
        Assert.Equal(RecordFlags.None, record.Flags);
    }

    [Fact]
    public void A_record_with_invalid_UTF_8_is_read_as_everything_with_its_id()
    {
        var strings = WrittenRecord.Strings(new InvalidationRecord(3, InvalidationTarget.ForKey("k"), Origin, Time));
        strings[^1] = [0xC3, 0x28];
        var record = WrittenRecord.Read(strings, out var isWhole);
        Assert.False(isWhole);
        Assert.Equal((3, InvalidationTarget.Everything), (record.Id, record.Targets[0]));
    }

    [Fact]
    public void A_truncated_or_altered_push_is_read_or_refused_without_an_exception()
    {
        var random = new Random(11);
        var whole = WrittenRecord.Push($"{Generation.Create()}|7|{99:x16}|2", WrittenRecord.Strings(Any(random)), WrittenRecord.Strings(Any(random)));
        var refused = 0;
        for (var i = 0; i < 5000; i++)
        {
            var bytes = whole[..random.Next(whole.Length + 1)];
            if (bytes.Length > 0)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);

            refused += ReadsAll(bytes) ? 0 : 1;
        }

        Assert.InRange(refused, 1, 5000);
    }

    [Fact]
    public void The_list_of_selector_records_is_read_by_its_lengths()
    {
        var list = new SelectorListReader("7:glob:6:user:*12:allof:9:[\"a:1:b\"]"u8);
        Assert.True(list.TryNext());
        Assert.Equal("7 glob user:*", $"{list.Sequence} {Encoding.UTF8.GetString(list.Kind)} {Encoding.UTF8.GetString(list.Text)}");
        Assert.True(list.TryNext());
        Assert.Equal("12 allof [\"a:1:b\"]", $"{list.Sequence} {Encoding.UTF8.GetString(list.Kind)} {Encoding.UTF8.GetString(list.Text)}");
        Assert.False(list.TryNext() || list.HasMore);
        Assert.False(new SelectorListReader("7:glob:9:user"u8).TryNext());
        Assert.False(new SelectorListReader("7:glob"u8).TryNext());
    }

    private static bool ReadsAll(byte[] bytes)
    {
        var push = new PushReader(bytes);
        if (!push.TryHead())
            return false;

        while (push.Count > 0)
        {
            if (!push.TryRecord(null, out _, out _))
                return false;
        }

        return true;
    }

    private static string Text(InvalidationRecord record) => string.Join('|', WrittenRecord.Arguments(record).Select(Encoding.UTF8.GetString));

    private static InvalidationRecord Any(Random random)
    {
        var targets = Enumerable.Range(0, random.Next(1, 8)).Select(_ => AnyTarget(random)).ToArray();
        return new InvalidationRecord(random.NextInt64(1, long.MaxValue), targets, new RecordOrigin(random.Next(2) == 0 ? "n1" : "", AnyText(random)),
            DateTimeOffset.UnixEpoch.AddMilliseconds(random.NextInt64(1L << 42)), random.Next(2) == 0 ? null : AnyText(random), random.Next(2) == 0 ? null : AnyText(random))
        {
            Flags = (RecordFlags)random.Next(4),
            Via = random.Next(2) == 0 ? null : AnyText(random),
        };
    }

    private static InvalidationTarget AnyTarget(Random random) => random.Next(6) switch
    {
        0 => InvalidationTarget.ForKey(AnyText(random)),
        1 => InvalidationTarget.ForTag(AnyText(random)),
        2 => InvalidationTarget.ForPattern(new GlobPattern(Short(AnyText(random)))),
        3 => InvalidationTarget.ForPattern(new RegexPattern(System.Text.RegularExpressions.Regex.Escape(Short(AnyText(random))))),
        4 => InvalidationTarget.ForAllOf(Enumerable.Range(0, random.Next(1, 4)).Select(_ => AnyText(random))),
        _ => InvalidationTarget.Everything,
    };

    private static string AnyText(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(1, 4)).Select(_ => Nasty[random.Next(Nasty.Length)]));

    private static string Short(string text) => text.Length > 100 ? "long" : text;

    private static void AssertSame(InvalidationRecord expected, InvalidationRecord actual)
    {
        Assert.Equal(expected.Targets.ToArray(), actual.Targets.ToArray());
        Assert.Equal(
            (expected.Id, expected.Origin, expected.Time, expected.Reason, expected.Trace, expected.Flags, expected.Via),
            (actual.Id, actual.Origin, actual.Time, actual.Reason, actual.Trace, actual.Flags, actual.Via));
    }
}
