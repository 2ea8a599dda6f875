using System.Buffers;
using MemoryPack;
using MessagePack;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Unstale.MemoryPack;
using Unstale.MessagePack;
using Unstale.ProtobufNet;
using Unstale.Remote;
using Xunit;

namespace Unstale.Tests.Serializers;

/// <summary>Order of several serializers for one type, and their names in stored values.</summary>
public sealed partial class SerializerOrderTests
{
    [Fact]
    public void The_serializer_added_last_writes_a_type_with_two_contracts()
    {
        Assert.Equal("9107", Written(static b => b.AddMemoryPackSerializer().AddMessagePackSerializer(), new Both { Id = 7 }));
        Assert.Equal("0107000000", Written(static b => b.AddMessagePackSerializer().AddMemoryPackSerializer(), new Both { Id = 7 }));
    }

    [Fact]
    public void Each_type_is_written_by_the_serializer_of_its_contract()
    {
        static IUnstaleBuilder All(IUnstaleBuilder builder) => builder.AddProtobufNetSerializer().AddMemoryPackSerializer().AddMessagePackSerializer();

        Assert.Equal("9107", Written(All, new PackedPoint(7)));
        Assert.Equal("07000000", Written(All, new CopiedPoint(7)));
        Assert.Equal("0807", Written(All, new ProtoPoint(7)));
        Assert.Equal("7B224964223A377D", Written(All, new Plain { Id = 7 })); // {"Id":7}
    }

    [Fact]
    public void A_serializer_of_one_type_takes_precedence() =>
        Assert.Equal("2A", Written(static b => b.AddSerializer(new Star()).AddMessagePackSerializer(), new Both { Id = 7 }));

    [Fact]
    public void Every_release_identifies_stored_values_by_the_same_names_of_the_serializers()
    {
        const string Int = "`1[System.Int32, System.Private.CoreLib], ";
        Assert.Equal($"Unstale.MessagePack.MessagePackValueSerializer{Int}Unstale.MessagePack", ValueIdentity.NameOf(typeof(MessagePackValueSerializer<int>)));
        Assert.Equal($"Unstale.MemoryPack.MemoryPackValueSerializer{Int}Unstale.MemoryPack", ValueIdentity.NameOf(typeof(MemoryPackValueSerializer<int>)));
        Assert.Equal($"Unstale.ProtobufNet.ProtobufNetValueSerializer{Int}Unstale.ProtobufNet", ValueIdentity.NameOf(typeof(ProtobufNetValueSerializer<int>)));
    }

    private static string Written<T>(Func<IUnstaleBuilder, IUnstaleBuilder> add, T value)
    {
        var target = new ArrayBufferWriter<byte>();
        new CodecTable(add(new ServiceCollection().AddUnstale()).Services.BuildServiceProvider()).For<T>().Serialize(value, target);
        return Convert.ToHexString(target.WrittenSpan[(default(T) is null ? 1 : 0)..]);
    }

    [MessagePackObject]
    [MemoryPackable]
    public sealed partial class Both
    {
        [Key(0)]
        public int Id { get; set; }
    }

    private sealed class Star : IHybridCacheSerializer<Both>
    {
        public Both Deserialize(ReadOnlySequence<byte> source) => new();

        public void Serialize(Both value, IBufferWriter<byte> target) => target.Write("*"u8);
    }
}
