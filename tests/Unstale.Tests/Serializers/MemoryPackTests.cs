using MemoryPack;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Unstale.Tests.Serializers;

public sealed class MemoryPackTests : SerializerContract<CopiedProduct, EarlierCopiedProduct, CopiedPoint, CopiedPayment, CopiedCard, FaultyCopied>
{
    protected override string Fault => "Unstale.Tests.Serializers.FaultyCopied is not registered";

    protected override bool ReadsLaterVersions => false;

    [Fact]
    public void A_shortened_value_is_refused()
    {
        var codec = Codec<CopiedProduct>();
        var bytes = Written(codec, new CopiedProduct { Id = 7, Name = "Lamp" });
        for (var length = 1; length < bytes.Length; length++)
            Assert.Throws<MemoryPackSerializationException>(() => codec.Deserialize(new(bytes.AsMemory(0, length))));
    }

    [Fact]
    public void A_value_with_further_bytes_is_refused()
    {
        var codec = Codec<CopiedPoint>();
        Assert.Equal("07000000", Convert.ToHexString(Written(codec, new CopiedPoint(7))));
        Assert.Equal(
            "The stored bytes are not a value of type 'Unstale.Tests.Serializers.CopiedPoint': MemoryPack read 4 of 5 bytes. Raise ContentVersion when the format of stored values changes.",
            Assert.Throws<MemoryPackSerializationException>(() => codec.Deserialize(new([7, 0, 0, 0, 7]))).Message);
    }

    [Fact]
    public void A_version_tolerant_type_reads_the_values_of_earlier_and_of_later_versions()
    {
        var (earlier, later) = (Codec<EarlierTolerantProduct>(), Codec<TolerantProduct>());
        Assert.Equal(7, later.Deserialize(new(Written(earlier, new EarlierTolerantProduct { Id = 7 }))).Id);
        Assert.Equal(7, earlier.Deserialize(new(Written(later, new TolerantProduct { Id = 7, Name = "Lamp" }))).Id);
    }

    [Fact]
    public void The_given_options_are_used()
    {
        var product = new CopiedProduct { Name = "Lamp" };
        var utf8 = Written(Codec<CopiedProduct>(), product);
        var utf16 = Written(Codec<CopiedProduct>(static b => b.AddMemoryPackSerializer(MemoryPackSerializerOptions.Utf16)), product);
        Assert.NotEqual(utf8, utf16);
        Assert.Equal("Lamp", Codec<CopiedProduct>().Deserialize(new(utf16)).Name);
    }

    protected override IUnstaleBuilder Add(IUnstaleBuilder builder) => builder.AddMemoryPackSerializer();
}
