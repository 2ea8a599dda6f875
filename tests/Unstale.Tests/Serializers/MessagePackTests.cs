using MessagePack;
using MessagePack.Resolvers;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Serializers;

public sealed class MessagePackTests : SerializerContract<PackedProduct, EarlierPackedProduct, PackedPoint, PackedPayment, PackedCard, FaultyPacked>
{
    protected override string Fault => "Failed to serialize Unstale.Tests.Serializers.FaultyPacked value.";

    [Fact]
    public void A_shortened_value_is_refused()
    {
        var codec = Codec<PackedProduct>();
        var bytes = Written(codec, new PackedProduct { Id = 7, Name = "Lamp" });
        for (var length = 1; length < bytes.Length; length++)
            Assert.Throws<MessagePackSerializationException>(() => codec.Deserialize(new(bytes.AsMemory(0, length))));
    }

    [Fact]
    public void A_value_with_further_bytes_is_refused()
    {
        var codec = Codec<PackedPoint>();
        Assert.Equal("9107", Convert.ToHexString(Written(codec, new PackedPoint(7))));
        Assert.Equal(
            "The stored bytes are not a value of type 'Unstale.Tests.Serializers.PackedPoint': MessagePack read 2 of 3 bytes. Raise ContentVersion when the format of stored values changes.",
            Assert.Throws<MessagePackSerializationException>(() => codec.Deserialize(new([0x91, 7, 7]))).Message);
    }

    [Fact]
    public void A_compressed_value_is_read_by_a_node_without_compression()
    {
        var products = Enumerable.Range(0, 500).Select(static id => new PackedProduct { Id = id, Name = "Lamp" }).ToList();
        var compressed = Written(Codec<List<PackedProduct>>(static b => b.AddMessagePackSerializer(MessagePackSerializerOptions.Standard.WithCompression(MessagePackCompression.Lz4BlockArray))), products);
        Assert.InRange(compressed.Length, 1, Written(Codec<List<PackedProduct>>(), products).Length / 2);
        Assert.Equal(products.Select(static one => one.Id), Codec<List<PackedProduct>>(
            static b => b.AddMessagePackSerializer(MessagePackSerializerOptions.Standard.WithCompression(MessagePackCompression.Lz4Block))).Deserialize(Pieces.Of(compressed, 100)).Select(static one => one.Id));
    }

    [Fact]
    public void Values_are_read_as_untrusted_data_unless_options_are_given()
    {
        var set = new HashSet<PackedProduct> { new() { Id = 7 } };
        var refused = Assert.Throws<MessagePackSerializationException>(() => Copy(set));
        Assert.StartsWith("No hash-resistant equality comparer available", refused.InnerException!.Message, StringComparison.Ordinal);
        Assert.Equal(7, Assert.Single(Copy(set, static b => b.AddMessagePackSerializer(MessagePackSerializerOptions.Standard))).Id);
    }

    [Fact]
    public void A_resolver_that_needs_no_contract_includes_the_types_that_only_this_resolver_can_write()
    {
        static IUnstaleBuilder Contractless(IUnstaleBuilder builder) =>
            builder.AddMessagePackSerializer(MessagePackSerializerOptions.Standard.WithResolver(ContractlessStandardResolver.Instance));

        Assert.Equal(7, Assert.Single(Copy(new List<Plain> { new() { Id = 7 } }, Contractless)).Id);
        Assert.True(Includes(typeof(PackedProduct), Contractless));
        Assert.All([typeof(string), typeof(byte[]), typeof(int), typeof(DateTime), typeof(List<int>), typeof(object), typeof((Plain, object))], static type => Assert.False(new MessagePackTests().Includes(type, Contractless)));
    }

    protected override IUnstaleBuilder Add(IUnstaleBuilder builder) => builder.AddMessagePackSerializer();
}
