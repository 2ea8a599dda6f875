using System.Text;
using Unstale.Redis;
using Unstale.Redis.Resp;
using Xunit;

namespace Unstale.IntegrationTests.Redis;

/// <summary>Replies from bytes, without a network.</summary>
public sealed class RespParserTests
{
    /// <summary>The bytes of each type, and how the reply prints.</summary>
    public static TheoryData<string, string> Golden => new()
    {
        { "+OK\r\n", "OK" },
        { "+\r\n", "" },
        { "-ERR no\r\n", "ERR no" },
        { "!6\r\nERR no\r\n", "ERR no" },
        { ":0\r\n", "0" },
        { ":-9223372036854775808\r\n", "-9223372036854775808" },
        { ":+5\r\n", "5" },
        { "$5\r\nhe\r\no\r\n", "he\r\no" },
        { "$0\r\n\r\n", "" },
        { "$-1\r\n", "null" },
        { "*-1\r\n", "null" },
        { "_\r\n", "null" },
        { "#t\r\n", "true" },
        { "#f\r\n", "false" },
        { ",1.5\r\n", "1.5" },
        { ",-inf\r\n", "-Infinity" },
        { ",inf\r\n", "Infinity" },
        { ",nan\r\n", "NaN" },
        { ",1e3\r\n", "1000" },
        { "(-3492890328409238509324850943850943825024385\r\n", "-3492890328409238509324850943850943825024385" },
        { "=9\r\ntxt:hello\r\n", "hello" },
        { "*0\r\n", "Array[]" },
        { "*3\r\n:1\r\n$1\r\na\r\n*1\r\n_\r\n", "Array[1, a, Array[null]]" },
        { "%2\r\n+a\r\n:1\r\n+b\r\n#t\r\n", "Map[a, 1, b, true]" },
        { "~2\r\n+a\r\n+b\r\n", "Set[a, b]" },
        { ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n", "Push[message, c, m]" },
        { "|1\r\n+ttl\r\n:3600\r\n:7\r\n", "7" },
        { "|0\r\n:7\r\n", "7" },
        { "*2\r\n|1\r\n+a\r\n*1\r\n:9\r\n:1\r\n:2\r\n", "Array[1, 2]" },
        { "*2\r\n-ERR inside\r\n*0\r\n", "Array[ERR inside, Array[]]" },
    };

    public static TheoryData<string, string> Broken => new()
    {
        { "HTTP/1.1 400\r\n", "0x48 is no type" },
        { "\r\n", "an empty line" },
        { "+OK\n", "does not end in CR LF" },
        { "+O\rK\r\n", "does not end in CR LF" },
        { ":\r\n", "a number is none" },
        { ":1x\r\n", "a number is none" },
        { ":9223372036854775808\r\n", "a number is none" },
        { "$?\r\n", "a number is none" },
        { "$-2\r\n", "a string has a negative length" },
        { "!-1\r\n", "a string has a negative length" },
        { "$2\r\nabc\r\n", "longer than announced" },
        { "*-2\r\n", "an aggregate has a negative length" },
        { "%-1\r\n", "an aggregate has a negative length" },
        { "_x\r\n", "a null has a body" },
        { "#x\r\n", "a truth value" },
        { ",1.5.5\r\n", "a double is none" },
        { "(12a\r\n", "a big number is none" },
        { "(-\r\n", "a big number is none" },
        { "=3\r\ntxt\r\n", "a verbatim string has no format" },
        { "*1\r\n>1\r\n:1\r\n", "a push stands inside a reply" },
    };

    [Theory]
    [MemberData(nameof(Golden))]
    public void Each_type_is_read_from_its_bytes(string bytes, string expected)
    {
        Assert.Equal(expected, Assert.Single(Read(bytes, bytes.Length)).ToString());
    }

    [Theory]
    [MemberData(nameof(Golden))]
    public void Each_type_is_read_in_pieces_of_any_size(string bytes, string expected)
    {
        for (var size = 1; size < bytes.Length; size++)
        {
            Assert.Equal(expected, Assert.Single(Read(bytes, size)).ToString());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(10_000)]
    public void Replies_one_after_the_other_are_read_apart(int size)
    {
        var all = string.Concat(Golden.Select(row => row.Data.Item1));

        Assert.Equal(Golden.Select(row => row.Data.Item2), Read(all, size).Select(reply => reply.ToString()));
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_malformed_reply_is_refused_and_named(string bytes, string named)
    {
        foreach (var size in (int[])[bytes.Length, 1])
        {
            var refused = Assert.Throws<RespProtocolException>(() => Read(bytes, size));
            Assert.StartsWith("The server sent a malformed reply: ", refused.Message, StringComparison.Ordinal);
            Assert.Contains(named, refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("$1001\r\n")]
    [InlineData("$9223372036854775807\r\n")]
    [InlineData("*42\r\n")]
    [InlineData("%21\r\n")]
    [InlineData("*9223372036854775807\r\n")]
    [InlineData("*2\r\n$600\r\n{600}\r\n$600\r\n")]
    public void A_reply_beyond_the_limit_is_refused_before_it_takes_the_memory(string bytes)
    {
        var text = bytes.Replace("{600}", new string('x', 600), StringComparison.Ordinal);

        var refused = Assert.Throws<RespProtocolException>(() => Read(text, text.Length, new RespLimits(ReplyBytes: 1000)));

        Assert.Equal("The server sent a reply larger than 1000 bytes, which is the limit.", refused.Message);
    }

    [Fact]
    public void The_limit_is_that_of_one_reply_and_not_of_all()
    {
        var reply = $"$900\r\n{new string('x', 900)}\r\n";

        Assert.Equal(50, Read(string.Concat(Enumerable.Repeat(reply, 50)), 100, new RespLimits(ReplyBytes: 1000)).Count);
    }

    [Fact]
    public void Nesting_ends_at_its_limit()
    {
        var limits = new RespLimits(Nesting: 4);

        Assert.Single(Read(string.Concat(Enumerable.Repeat("*1\r\n", 4)) + ":1\r\n", 3, limits));
        var refused = Assert.Throws<RespProtocolException>(() => Read(string.Concat(Enumerable.Repeat("*1\r\n", 5)), 3, limits));
        Assert.Equal("The server sent a reply nested deeper than 4, which is the limit.", refused.Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    public void A_line_without_end_is_refused(int size)
    {
        var refused = Assert.Throws<RespProtocolException>(() => Read("+" + new string('x', 200), size, new RespLimits(LineBytes: 100)));

        Assert.Equal("The server sent a line longer than 100 bytes, which is the limit.", refused.Message);
    }

    [Fact]
    public void Random_bytes_are_a_reply_or_refused_and_never_anything_else()
    {
        var random = new Random(7);
        var refused = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = Encoding.ASCII.GetBytes(Golden.ElementAt(random.Next(Golden.Count)).Data.Item1);
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                Feed(new RespParser(RespLimits.Default), bytes, 5);
            }
            catch (RespProtocolException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1000, 19_999);
    }

    [Fact]
    public void A_large_string_can_be_filled_from_outside()
    {
        var parser = new RespParser(RespLimits.Default);
        Assert.True(parser.Missing.IsEmpty);
        Assert.False(parser.TryRead("$10\r\nab"u8, out _, out _));
        Assert.Equal(8, parser.Missing.Length);
        "cdefghij"u8.CopyTo(parser.Missing.Span);
        parser.Fill(8);

        Assert.True(parser.TryRead("\r\n:1\r\n"u8, out var consumed, out var reply));
        Assert.Equal(2, consumed);
        Assert.Equal("abcdefghij", reply.Text());
    }

    [Fact]
    public void Reading_a_reply_as_what_it_is_not_is_a_named_error()
    {
        var array = Assert.Single(Read("*1\r\n$2\r\n42\r\n", 100));

        Assert.Equal(42, array.Items[0].Integer);
        Assert.Equal("The server answered with Array where an integer was due.", Assert.Throws<RespReplyException>(() => array.Integer).Message);
        Assert.Throws<RespReplyException>(() => array.Bytes);
        Assert.Throws<RespReplyException>(() => array.Items[0].Items);
        Assert.Throws<RespReplyException>(() => RespReply.Null.Boolean);
        Assert.Throws<RespReplyException>(() => RespReply.FromBytes(RespType.Bulk, "4x"u8.ToArray()).Integer);
    }

    [Fact]
    public void A_command_is_an_array_of_strings()
    {
        using var command = RespCommand.Create("SET").Arg("ключ").Arg(-12).Arg([0, 13, 10]).Arg("");

        Assert.Equal("*5\r\n$3\r\nSET\r\n$8\r\nключ\r\n$3\r\n-12\r\n$3\r\n\0\r\n\r\n$0\r\n\r\n", Encoding.UTF8.GetString(command.Encoded()));
    }

    [Fact]
    public void A_command_grows_with_its_arguments()
    {
        var value = new byte[100_000];
        using var command = RespCommand.Create("MSET");
        for (var i = 0; i < 1000; i++)
        {
            command.Arg(i);
        }

        command.Arg(value);

        Assert.StartsWith("*1002\r\n$4\r\nMSET\r\n$1\r\n0\r\n", Encoding.UTF8.GetString(command.Encoded()[..100]), StringComparison.Ordinal);
        Assert.True(command.Encoded()[^100_002..^2].SequenceEqual(value));
    }

    private static List<RespReply> Read(string text, int size, RespLimits? limits = null)
    {
        var parser = new RespParser(limits ?? RespLimits.Default);
        return Feed(parser, Encoding.UTF8.GetBytes(text), size);
    }

    private static List<RespReply> Feed(RespParser parser, ReadOnlySpan<byte> bytes, int size)
    {
        var replies = new List<RespReply>();
        while (!bytes.IsEmpty)
        {
            var piece = bytes[..Math.Min(size, bytes.Length)];
            bytes = bytes[piece.Length..];
            while (parser.TryRead(piece, out var consumed, out var reply))
            {
                piece = piece[consumed..];
                replies.Add(reply);
            }
        }

        return replies;
    }
}
