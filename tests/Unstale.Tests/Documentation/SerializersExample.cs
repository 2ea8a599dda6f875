using MemoryPack;
using MessagePack;
using Microsoft.Extensions.DependencyInjection;
using ProtoBuf;
using Xunit;

namespace Unstale.Tests.Documentation;

/// <summary>Code of the pages about the serializer packages.</summary>
public sealed partial class SerializersExample
{
    [Theory]
    [InlineData("MessagePack")]
    [InlineData("MemoryPack")]
    [InlineData("protobuf-net")]
    public async Task A_value_with_a_contract_is_cached_and_each_caller_gets_a_copy(string library)
    {
        await using var test = new CacheUnderTest(services: services => Add(library, services));
        if (library == "MessagePack")
            await ReadAsync(test.Cache, new PackedProduct(4, "Lamp"));
        else if (library == "MemoryPack")
            await ReadAsync(test.Cache, new CopiedProduct(4, "Lamp"));
        else
            await ReadAsync(test.Cache, new ProtoProduct { Id = 4, Name = "Lamp" });
    }

    private static void Add(string library, IServiceCollection services)
    {
        if (library == "MessagePack")
            services.AddUnstale().AddMessagePackSerializer();
        else if (library == "MemoryPack")
            services.AddUnstale().AddMemoryPackSerializer();
        else
            services.AddUnstale().AddProtobufNetSerializer();
    }

    private static async Task ReadAsync<T>(UnstaleCache cache, T product)
        where T : class
    {
        var first = await cache.GetOrCreateAsync("product:4", _ => new ValueTask<T>(product), cancellationToken: TestContext.Current.CancellationToken);
        var second = await cache.GetOrCreateAsync("product:4", _ => new ValueTask<T>(product), cancellationToken: TestContext.Current.CancellationToken);
        Assert.NotSame(first, second);
        Assert.Equivalent(product, second, strict: true);
    }

    [MessagePackObject]
    public sealed record PackedProduct([property: Key(0)] int Id, [property: Key(1)] string Name);

    [MemoryPackable]
    public sealed partial record CopiedProduct(int Id, string Name);

    [ProtoContract]
    public sealed class ProtoProduct
    {
        [ProtoMember(1)]
        public int Id { get; set; }

        [ProtoMember(2)]
        public string Name { get; set; } = "";
    }
}
