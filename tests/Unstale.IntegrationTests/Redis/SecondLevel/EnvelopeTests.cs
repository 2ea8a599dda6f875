using System.Buffers.Binary;
using System.Text;
using Unstale.Redis.SecondLevel;
using Xunit;

namespace Unstale.IntegrationTests.Redis.SecondLevel;

public sealed class EnvelopeTests
{
    // 'UNS1', the generation, stamp 7.
    private const string Front = "554E5331" + "3031323334353637383961626364656630313233343536373839616263646566" + "30303030303030303030303030303037";

    // Identity of the values that Write returns.
    private const string Identity = "0807060504030201";

    // Checksum, codec and form 2, life of 60,000 ms, no versions, length, no tags, the identity, "hello".
    private const string Plain =
        Front + "57136572" + "0002" + "60EA000000000000" + "0000000000000000" + "0000000000000000" + "05000000" + "0000" + "00000000" + Identity + "68656C6C6F";

    // The same with the tags "tag" and "Größe".
    private const string Tagged =
        Front + "76A6D883" + "0002" + "60EA000000000000" + "0000000000000000" + "0000000000000000" + "05000000" + "0002" + "0000000E"
        + "0003" + "746167" + "0007" + "4772C3B6C39F65" + Identity + "68656C6C6F";

    // "abcdefgh" 512 times in Brotli, with the tag "tag".
    private const string Packed =
        Front + "E34D93CD" + "0102" + "60EA000000000000" + "0000000000000000" + "0000000000000000" + "00100000" + "0001" + "00000005"
        + "0003" + "746167" + Identity + "8BFF070080AAAAAAEAFF703AF3B2C0015CFC4A972A0E1B8C397614504EF71EF600C0";

    // Appended by the scripts: the end of the life, confirmed as of 9, the minute.
    private const string Ending = "30303031373935323135363530373539" + "30303030303030303030303030303039" + "3239393230323630";

    // The same of form 1, without the part appended by scripts: life of 60,000 ms, no versions, length, no tags, the identity, "hello".
    private const string OldPlain =
        Front + "5B341E56" + "0001" + "60EA000000000000" + "0000000000000000" + "0000000000000000" + "05000000" + "0000" + "00000000" + Identity + "68656C6C6F";

    private const string OldTagged =
        Front + "9CBAC896" + "0001" + "60EA000000000000" + "0000000000000000" + "0000000000000000" + "05000000" + "0002" + "0000000E"
        + "0003" + "746167" + "0007" + "4772C3B6C39F65" + Identity + "68656C6C6F";

    private const string OldPacked =
        Front + "CFA71262" + "0101" + "60EA000000000000" + "0000000000000000" + "0000000000000000" + "00100000" + "0001" + "00000005"
        + "0003" + "746167" + Identity + "8BFF070080AAAAAAEAFF703AF3B2C0015CFC4A972A0E1B8C397614504EF71EF600C0";

    private static readonly Generation History = Generation.Parse("0123456789abcdef0123456789abcdef");
    private static readonly string Long = string.Concat(Enumerable.Repeat("abcdefgh", 512));

    [Fact]
    public void The_checksum_equals_the_standard_CRC_32C_values()
    {
        Assert.Equal(0xE3069283u, Crc32C.Compute("123456789"u8));
        Assert.Equal(0u, Crc32C.Compute([]));
        Assert.Equal(0x8A9136AAu, Crc32C.Compute(new byte[32]));
    }

    [Fact]
    public void A_value_is_written_byte_for_byte_as_other_versions_read_it()
    {
        Assert.Equal(Plain, Convert.ToHexString(Write("hello", 7)));
        Assert.Equal(Tagged, Convert.ToHexString(Write("hello", 7, "tag", "Größe")));
    }

    [Fact]
    public void The_content_version_is_written_at_its_documented_offset_and_read_back()
    {
        using var packed = PayloadCompression.Pack("hello"u8.ToArray(), compress: true, PayloadCompression.DefaultThreshold);
        Assert.True(EnvelopeBody.TryMake([], packed, TimeSpan.FromMinutes(1), 0, out var body));
        var bytes = new byte[EnvelopeLayout.Front + body.Length];
        EnvelopeBody.WriteFront(bytes, History, 7);
        (body with { ContentVersion = 0x01020304 }).Write(bytes.AsSpan(EnvelopeLayout.Front));
        Assert.Equal("0403020100000000", Convert.ToHexString(bytes.AsSpan(74, 8)));
        Assert.Equal(EnvelopeFault.None, Envelope.Parse(Ended(bytes), new TagNames(), out var read));
        Assert.Equal(0x01020304, read.ContentVersion);
    }

    [Fact]
    public void Envelopes_of_other_versions_are_read()
    {
        AssertReads("hello", [], Convert.FromHexString(Plain + Ending));
        AssertReads("hello", ["tag", "Größe"], Convert.FromHexString(Tagged + Ending));
        AssertReads(Long, ["tag"], Convert.FromHexString(Packed + Ending));
        AssertReads("hello", [], Convert.FromHexString(OldPlain), isOld: true);
        AssertReads("hello", ["tag", "Größe"], Convert.FromHexString(OldTagged), isOld: true);
        AssertReads(Long, ["tag"], Convert.FromHexString(OldPacked), isOld: true);
    }

    [Fact]
    public void A_value_without_an_identity_is_unreadable_though_its_checksum_is_right()
    {
        for (var length = 0; length < EnvelopeLayout.Identity; length++)
        {
            var bytes = Convert.FromHexString(Plain)[..(EnvelopeLayout.Tags + length)];
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(EnvelopeLayout.PlainLength), 0);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(EnvelopeLayout.Checksum), Crc32C.Compute(bytes.AsSpan(EnvelopeLayout.Codec)));
            Assert.Equal(EnvelopeFault.Length, Envelope.Parse(Ended(bytes), new TagNames(), out _));
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(100_000, 4000)]
    public void A_written_envelope_is_read_back(int bytes, int tagCount)
    {
        var text = new string('x', bytes);
        string[] tags = [.. Enumerable.Range(0, tagCount).Select(i => $"tag {i}")];
        AssertReads(text, tags, Ended(Write(text, 7, tags)));
    }

    [Fact]
    public void A_value_cut_anywhere_is_unreadable()
    {
        foreach (var whole in Whole)
        {
            Assert.All(Enumerable.Range(0, whole.Length), length => Assert.NotEqual(EnvelopeFault.None, Envelope.Parse(whole.AsMemory(0, length), new TagNames(), out _)));
            Assert.NotEqual(EnvelopeFault.None, Envelope.Parse((byte[])[.. whole, 0], new TagNames(), out _));
        }
    }

    [Fact]
    public void A_value_with_any_bit_turned_is_unreadable_or_of_another_position()
    {
        foreach (var whole in Whole)
        {
            Envelope.Parse(whole, new TagNames(), out var original);
            Assert.All(Enumerable.Range(0, 8 * whole.Length), bit =>
            {
                byte[] damaged = [.. whole];
                damaged[bit / 8] ^= (byte)(1 << (bit % 8));
                if (Envelope.Parse(damaged, new TagNames(), out var read) == EnvelopeFault.None)
                {
                    Assert.True(bit / 8 is >= EnvelopeLayout.Generation and < EnvelopeLayout.Front || bit / 8 >= whole.Length - EnvelopeLayout.Ending, $"bit {bit}");
                    Assert.True(bit / 8 >= whole.Length - 8 || Place(original) != Place(read), $"bit {bit}");
                    Assert.True(original.Payload.Span.SequenceEqual(read.Payload.Span));
                }
            });
        }
    }

    private static byte[][] Whole => [.. new[] { Plain + Ending, Tagged + Ending, Packed + Ending, OldPlain, OldTagged, OldPacked }.Select(Convert.FromHexString)];

    private static (Generation, long, long, long?) Place(in Envelope read) => (read.Generation, read.Stamp, read.Confirmed, read.EndsAt);

    [Theory]
    [InlineData("000179521565075x0000000000000009" + "29920260")]
    [InlineData("00017952156507590000000000000006" + "29920260")]
    [InlineData("0001795215650759000000000000000 " + "29920260")]
    [InlineData("00017952156507590000000000000009" + "2992026-")]
    public void An_envelope_with_an_invalid_ending_from_the_scripts_is_refused(string ending)
    {
        Assert.Equal(EnvelopeFault.Format, Envelope.Parse((byte[])[.. Convert.FromHexString(Plain), .. Encoding.ASCII.GetBytes(ending)], new TagNames(), out _));
    }

    public static TheoryData<string, string> Lies => new()
    {
        { "codec 2", nameof(EnvelopeFault.Format) },
        { "the first form", nameof(EnvelopeFault.Format) },
        { "a form to come", nameof(EnvelopeFault.Format) },
        { "negative life", nameof(EnvelopeFault.Format) },
        { "endless life", nameof(EnvelopeFault.Format) },
        { "payload of 2 GB", nameof(EnvelopeFault.TooLarge) },
        { "payload of 65 MB", nameof(EnvelopeFault.TooLarge) },
        { "payload one longer", nameof(EnvelopeFault.Payload) },
        { "payload one shorter", nameof(EnvelopeFault.Payload) },
        { "more tags", nameof(EnvelopeFault.Tags) },
        { "fewer tags", nameof(EnvelopeFault.Tags) },
        { "most tags", nameof(EnvelopeFault.Tags) },
        { "tags past the end", nameof(EnvelopeFault.Tags) },
        { "tags of 4 GB", nameof(EnvelopeFault.Tags) },
        { "a tag past the tags", nameof(EnvelopeFault.Tags) },
        { "a tag that is no text", nameof(EnvelopeFault.Tags) },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public void A_value_with_a_false_field_and_a_correct_checksum_is_unreadable(string lie, string fault)
    {
        foreach (var whole in new[] { Tagged, Packed }.Select(Convert.FromHexString))
        {
            Tell(lie, whole);
            BinaryPrimitives.WriteUInt32LittleEndian(whole.AsSpan(EnvelopeLayout.Checksum), Crc32C.Compute(whole.AsSpan(EnvelopeLayout.Codec)));
            Assert.Equal(fault, Envelope.Parse(Ended(whole), new TagNames(), out _).ToString());
        }
    }

    [Fact]
    public void A_payload_that_is_no_Brotli_is_unreadable()
    {
        var bytes = Convert.FromHexString(Tagged);
        bytes[EnvelopeLayout.Codec] = (byte)PayloadCodec.Brotli;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(EnvelopeLayout.Checksum), Crc32C.Compute(bytes.AsSpan(EnvelopeLayout.Codec)));
        Assert.Equal(EnvelopeFault.Payload, Envelope.Parse(Ended(bytes), new TagNames(), out _));
    }

    [Theory]
    [InlineData(true, "a", "category:1")]
    [InlineData(false, "a", "Größe")]
    public void Equal_lists_of_tags_are_read_as_one_shared_list_only_if_they_are_ASCII(bool isOne, params string[] tags)
    {
        var names = new TagNames();
        var value = Ended(Write("hello", 7, tags));
        Envelope.Parse(value, names, out var first);
        Envelope.Parse(value, names, out var second);
        Envelope.Parse(Ended(Write("other", 8, [.. tags, "more"])), names, out var longer);
        Envelope.Parse(Ended(Write("other", 8, tags[0])), names, out var shorter);
        Assert.Equal(isOne, ReferenceEquals(first.Tags, second.Tags));
        Assert.Equal(tags, second.Tags);
        Assert.Equal([.. tags, "more"], longer.Tags);
        Assert.Equal(tags[0], Assert.Single(shorter.Tags));
    }

    [Fact]
    public void Lists_of_tags_with_the_same_cache_slot_are_distinguished()
    {
        var names = new TagNames();
        foreach (var turn in new[] { 0, 1 })
        {
            for (var i = 0; i < 3_000; i++)
            {
                Envelope.Parse(Ended(Write("v", turn, $"a{i}", $"b{i}")), names, out var read);
                Assert.Equal([$"a{i}", $"b{i}"], read.Tags);
            }
        }
    }

    [Fact]
    public void Tags_that_do_not_fit_are_not_written()
    {
        Assert.False(Fits([.. Enumerable.Range(0, 4001).Select(i => $"{i}")]));
        Assert.False(Fits([new string('x', 65_536)]));
        Assert.True(Fits([new string('x', 65_535)]));
    }

    private static void Tell(string lie, Span<byte> value)
    {
        switch (lie)
        {
            case "codec 2": value[EnvelopeLayout.Codec] = 2; break;
            case "the first form": value[EnvelopeLayout.Form] = 0; break;
            case "a form to come": value[EnvelopeLayout.Form] = 3; break;
            case "negative life": BinaryPrimitives.WriteInt64LittleEndian(value[EnvelopeLayout.Life..], -1); break;
            case "endless life": BinaryPrimitives.WriteInt64LittleEndian(value[EnvelopeLayout.Life..], long.MaxValue); break;
            case "payload of 2 GB": BinaryPrimitives.WriteUInt32LittleEndian(value[EnvelopeLayout.PlainLength..], 2u << 30); break;
            case "payload of 65 MB": BinaryPrimitives.WriteUInt32LittleEndian(value[EnvelopeLayout.PlainLength..], 65u << 20); break;
            case "payload one longer": value[EnvelopeLayout.PlainLength]++; break;
            case "payload one shorter": BinaryPrimitives.WriteInt32LittleEndian(value[EnvelopeLayout.PlainLength..], BinaryPrimitives.ReadInt32LittleEndian(value[EnvelopeLayout.PlainLength..]) - 1); break;
            case "more tags": value[EnvelopeLayout.TagCount + 1]++; break;
            case "fewer tags": value[EnvelopeLayout.TagCount + 1]--; break;
            case "most tags": value[EnvelopeLayout.TagCount] = value[EnvelopeLayout.TagCount + 1] = 255; break;
            case "tags past the end": value[EnvelopeLayout.TagBytes + 3] += 100; break;
            case "tags of 4 GB": value.Slice(EnvelopeLayout.TagBytes, 4).Fill(255); break;
            case "a tag past the tags": value[EnvelopeLayout.Tags + 1] = 200; break;
            default: value[EnvelopeLayout.Tags + 2] = 0xFF; break;
        }
    }

    private static byte[] Ended(byte[] written) => [.. written, .. Convert.FromHexString(Ending)];

    private static void AssertReads(string text, string[] tags, byte[] bytes, bool isOld = false)
    {
        Assert.Equal(EnvelopeFault.None, Envelope.Parse(bytes, new TagNames(), out var read));
        Assert.Equal(isOld ? (null, 7) : (1795215650759, 9), (read.EndsAt, read.Confirmed));
        Assert.Equal((History, 7L, TimeSpan.FromMinutes(1)), (read.Generation, read.Stamp, read.Life));
        Assert.Equal(tags, read.Tags);
        Assert.Equal(0x0102030405060708, read.Identity);
        Assert.Equal(text, Encoding.UTF8.GetString(read.Payload.Span));
    }

    private static bool Fits(string[] tags) => EnvelopeBody.TryMake(tags, new PackedPayload(PayloadCodec.None, default, 0), TimeSpan.FromMinutes(1), 0, out _);

    private static byte[] Write(string text, long stamp, params string[] tags)
    {
        using var packed = PayloadCompression.Pack(Encoding.UTF8.GetBytes(text), compress: true, PayloadCompression.DefaultThreshold);
        Assert.True(EnvelopeBody.TryMake(tags, packed, TimeSpan.FromMinutes(1), 0, out var body));
        var bytes = new byte[EnvelopeLayout.Front + body.Length];
        EnvelopeBody.WriteFront(bytes, History, stamp);
        (body with { Identity = 0x0102030405060708 }).Write(bytes.AsSpan(EnvelopeLayout.Front));
        return bytes;
    }
}
