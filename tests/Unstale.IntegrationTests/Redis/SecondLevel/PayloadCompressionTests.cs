using System.Text;
using Unstale.Redis.SecondLevel;
using Xunit;

namespace Unstale.IntegrationTests.Redis.SecondLevel;

public sealed class PayloadCompressionTests
{
    private static readonly byte[] Text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"name\":\"a product\",\"price\":10}", 100)));

    [Fact]
    public void Text_above_the_threshold_is_compressed_and_comes_back()
    {
        using var packed = PayloadCompression.Pack(Text, compress: true, Text.Length);
        Assert.Equal((PayloadCodec.Brotli, Text.Length), (packed.Codec, packed.PlainLength));
        Assert.InRange(packed.Bytes.Length, 1, Text.Length / 8);
        Assert.True(PayloadCompression.TryUnpack(packed.Codec, packed.Bytes, packed.PlainLength, out var plain));
        Assert.Equal(Text, plain.ToArray());
    }

    [Fact]
    public void Payloads_that_are_short_or_excluded_from_compression_stay_uncompressed()
    {
        using var brief = PayloadCompression.Pack(Text, compress: true, Text.Length + 1);
        using var forbidden = PayloadCompression.Pack(Text, compress: false, 1);
        Assert.All([brief, forbidden], packed =>
        {
            Assert.Equal(PayloadCodec.None, packed.Codec);
            Assert.Equal(Text, packed.Bytes.ToArray());
        });
    }

    [Theory]
    [InlineData(10, false)]
    [InlineData(20, true)]
    public void Payloads_that_shrink_by_less_than_an_eighth_stay_uncompressed(int percentOfZeros, bool isCompressed)
    {
        var bytes = new byte[10_000];
        new Random(1).NextBytes(bytes.AsSpan(100 * percentOfZeros));
        using var packed = PayloadCompression.Pack(bytes, compress: true, PayloadCompression.DefaultThreshold);
        Assert.Equal(isCompressed ? PayloadCodec.Brotli : PayloadCodec.None, packed.Codec);
    }

    [Fact]
    public void A_payload_whose_unpacked_length_differs_from_the_declared_length_is_refused()
    {
        using var packed = PayloadCompression.Pack(new byte[1 << 20], compress: true, 1);
        Assert.InRange(packed.Bytes.Length, 1, 1000);
        Assert.False(PayloadCompression.TryUnpack(packed.Codec, packed.Bytes, 1000, out _));
        Assert.False(PayloadCompression.TryUnpack(packed.Codec, packed.Bytes, (1 << 20) + 1, out _));
    }
}
