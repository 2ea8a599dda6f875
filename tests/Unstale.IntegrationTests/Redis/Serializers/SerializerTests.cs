using System.Buffers.Binary;
using Microsoft.Extensions.DependencyInjection;
using Unstale.IntegrationTests.Redis.SecondLevel;
using Unstale.IntegrationTests.Support;
using Unstale.Redis.SecondLevel;
using Unstale.Tests.Serializers;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Serializers;

/// <summary>Values of the serializer packages, exchanged by two nodes over a server.</summary>
public sealed class SerializerTests : IAsyncLifetime
{
    private const string Place = "{unstale:default:0}:v:default:k";

    private RedisServer _server = null!;
    private RawConnection _raw = null!;
    private int _loads;

    public static TheoryData<string> Libraries => ["MessagePack", "MemoryPack", "protobuf-net"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _raw = await RawConnection.ConnectAsync(_server.EndPoint);
    }

    public async ValueTask DisposeAsync()
    {
        await _raw.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public async Task Two_nodes_exchange_values_and_their_invalidations(string library)
    {
        await using var one = await StartAsync(library);
        await using var two = await StartAsync(library);
        Assert.Equal((CacheOutcome.Load, 1), await ReadAsync(one, library));
        await Eventually.TrueAsync("the value is in the second level", async () => (await _raw.RunAsync("EXISTS", Place)).Integer == 1);
        Assert.Equal((CacheOutcome.Remote, 1), await ReadAsync(two, library));
        Assert.Equal((CacheOutcome.Memory, 1), await ReadAsync(two, library));

        await two.GetRequiredService<IInvalidator>().InvalidateTagAsync("t", cancellationToken: Stop);

        Assert.Equal((CacheOutcome.Load, 2), await ReadAsync(two, library));
        await Eventually.TrueAsync("the other node reads the new value", async () => await ReadAsync(one, library) is (CacheOutcome.Remote, 2));
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public async Task A_long_value_is_compressed_on_the_server(string library)
    {
        await using var one = await StartAsync(library);
        await using var two = await StartAsync(library);
        var name = new string('n', 20_000);
        await ReadAsync(one, library, name);
        await Eventually.TrueAsync("the value is in the second level", async () => (await _raw.RunAsync("EXISTS", Place)).Integer == 1);
        Assert.InRange((await _raw.RunAsync("STRLEN", Place)).Integer, 100, 1_000);
        Assert.Equal((CacheOutcome.Remote, 1), await ReadAsync(two, library, name));
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public async Task Bytes_on_the_server_that_the_library_cannot_read_are_loaded_again(string library)
    {
        await using var one = await StartAsync(library);
        await using var two = await StartAsync(library);
        await ReadAsync(one, library);
        await Eventually.TrueAsync("the value is in the second level", async () => (await _raw.RunAsync("EXISTS", Place)).Integer == 1);

        // A correct checksum, as of another program or of an earlier shape of the type: only the library notices.
        var stored = await _raw.BytesAsync(Place);
        var length = BinaryPrimitives.ReadInt32LittleEndian(stored.AsSpan(EnvelopeLayout.PlainLength));
        stored.AsSpan(stored.Length - EnvelopeLayout.Ending - length + 1, length - 1).Fill(0xFF);
        BinaryPrimitives.WriteUInt32LittleEndian(stored.AsSpan(EnvelopeLayout.Checksum), Crc32C.Compute(stored.AsSpan()[EnvelopeLayout.Codec..^EnvelopeLayout.Ending]));
        await _raw.ReplaceAsync(Place, stored);

        Assert.Equal((CacheOutcome.Load, 2), await ReadAsync(two, library));
        await Eventually.TrueAsync("the loaded value replaces the bytes", async () => !(await _raw.BytesAsync(Place)).SequenceEqual(stored));
        await using var three = await StartAsync(library);
        Assert.Equal((CacheOutcome.Remote, 2), await ReadAsync(three, library));
    }

    [Fact]
    public async Task Nodes_with_different_serializers_load_for_themselves()
    {
        await using var one = await StartAsync("MessagePack");
        await using var two = await StartAsync("JSON");
        Assert.Equal((CacheOutcome.Load, 1), await ReadAsync(one, "MessagePack"));
        await Eventually.TrueAsync("the value is in the second level", async () => (await _raw.RunAsync("EXISTS", Place)).Integer == 1);
        Assert.Equal((CacheOutcome.Load, 2), await ReadAsync(two, "MessagePack"));
    }

    private async Task<ServiceProvider> StartAsync(string library)
    {
        var services = new ServiceCollection().AddLogging();
        var builder = services.AddUnstale().UseRedis(_server.EndPoint.ToString());
        _ = library switch
        {
            "MessagePack" => builder.AddMessagePackSerializer(),
            "MemoryPack" => builder.AddMemoryPackSerializer(),
            "protobuf-net" => builder.AddProtobufNetSerializer(),
            _ => builder,
        };
        var node = services.BuildServiceProvider();
        await Eventually.TrueAsync("the node is trusted", async () =>
        {
            var cache = node.GetRequiredService<UnstaleCache>();
            await cache.GetOrCreateAsync("known", static _ => new ValueTask<int>(1), cancellationToken: Stop);
            return cache.TryGet("known", out int _);
        });
        return node;
    }

    private async Task<(CacheOutcome Outcome, int Id)> ReadAsync(ServiceProvider node, string library, string name = "Lamp") => library switch
    {
        "MessagePack" => await ReadAsync<PackedProduct>(node, name),
        "MemoryPack" => await ReadAsync<CopiedProduct>(node, name),
        _ => await ReadAsync<ProtoProduct>(node, name),
    };

    private async Task<(CacheOutcome Outcome, int Id)> ReadAsync<T>(ServiceProvider node, string name)
        where T : class, IProduct, new()
    {
        var read = await node.GetRequiredService<UnstaleCache>().GetOrCreateResultAsync(
            "k", (_, _) => new ValueTask<T>(new T { Id = ++_loads, Name = name, Price = 34.95m }), tags: ["t"], cancellationToken: Stop);
        Assert.Equal((name, 34.95m), (read.Value.Name, read.Value.Price));
        return (read.Outcome, read.Value.Id);
    }
}
