using System.Text;
using Unstale.Log;
using Unstale.Redis.Connection;
using Unstale.Redis.Log;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Log;

/// <summary>Replies of the scripts, whole and spoilt.</summary>
public sealed class LogReplyTests
{
    private const string Generation = "0123456789abcdef0123456789abcdef";

    [Fact]
    public void A_complete_tail_reply_is_parsed_into_its_records_selectors_and_clock()
    {
        var isWhole = true;
        var (reply, selectors, clock) = TailFormat.Parse(Whole(), ref isWhole)!.Value;
        Assert.Equal((TailState.Records, Unstale.Generation.Parse(Generation), 9L, 0x2BL), (reply.State, reply.Generation, reply.Sequence, reply.LastId));
        Assert.Equal([(8, 7, 0x2A), (9, 0x2A, 0x2B)], reply.Records.Select(r => (r.Sequence, r.PreviousId, r.Record.Id)));
        Assert.Equal((1, true, 1795215650759L), (selectors, isWhole, clock));
    }

    [Fact]
    public void A_record_without_a_previous_id_is_read_with_minus_one_as_its_previous_id()
    {
        var isWhole = true;
        var entry = List(Text("0-8"), List(Text("f"), Text("1"), Text("id"), Text("000000000000002a"), Text("at"), Text("0"), Text("by"), Text("n s"), Text("key"), Text("k")));
        var reply = TailFormat.Parse(List(Text("records"), Text(Generation), Text("8"), Text("000000000000002a"), Text(""), List(entry), Text("1")), ref isWhole)!.Value.Reply;
        Assert.Equal((-1, 0x2A), (reply.Records[0].PreviousId, reply.Records[0].Record.Id));
    }

    [Fact]
    public void A_damaged_reply_throws_UnexpectedReplyException_and_no_other_exception()
    {
        var random = new Random(3);
        var failures = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var spoiled = Spoil(Whole(), random);
            try
            {
                var isWhole = true;
                TailFormat.Parse(spoiled, ref isWhole);
            }
            catch (UnexpectedReplyException)
            {
                failures++;
            }

            try
            {
                MembersFormat.Parse(Spoil(List(Text(Generation), Text("n1"), Text($"5 {Generation} 7 5000 1767323045678")), random));
            }
            catch (UnexpectedReplyException)
            {
                failures++;
            }
        }

        Assert.InRange(failures, 1000, 40_000);
    }

    private static RedisReply Whole() => List(
        Text("records"), Text(Generation), Text("9"), Text("000000000000002b"), Text("8:glob:3:a:*"),
        List(Entry("0-8", "0000000000000007", "000000000000002a"), Entry("0-9", "000000000000002a", "000000000000002b")),
        Text("1795215650759"));

    private static RedisReply Entry(string place, string previous, string id) => List(
        Text(place),
        List(Text("prev"), Text(previous), Text("f"), Text("1"), Text("id"), Text(id), Text("at"), Text("0"), Text("by"), Text("n s"), Text("key"), Text("k")));

    /// <summary>Changes one item of the reply: another type, cut, altered, missing or duplicated.</summary>
    private static RedisReply Spoil(RedisReply reply, Random random)
    {
        if (!reply.IsAggregate || reply.Items.Length == 0 || random.Next(6) == 0)
        {
            return random.Next(5) switch
            {
                0 => RedisReply.Null,
                1 => RedisReply.FromInteger(random.Next(-2, 3)),
                2 => List(),
                3 => RedisReply.FromInteger(7),
                _ when reply.IsAggregate || reply.Bytes.Length == 0 => Text("x"),
                _ => RedisReply.FromBytes(RedisReplyType.Bulk, [.. reply.Bytes[..random.Next(reply.Bytes.Length)], (byte)random.Next(256)]),
            };
        }

        List<RedisReply> items = [.. reply.Items];
        var at = random.Next(items.Count);
        switch (random.Next(4))
        {
            case 0:
                items.RemoveAt(at);
                break;
            case 1:
                items.Insert(at, items[at]);
                break;
            default:
                items[at] = Spoil(items[at], random);
                break;
        }

        return List([.. items]);
    }

    private static RedisReply Text(string text) => RedisReply.FromBytes(RedisReplyType.Bulk, Encoding.UTF8.GetBytes(text));

    private static RedisReply List(params RedisReply[] items) => RedisReply.FromItems(items);
}
