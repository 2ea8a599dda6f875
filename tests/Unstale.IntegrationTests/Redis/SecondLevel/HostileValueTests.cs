using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Unstale.IntegrationTests.Support;
using Unstale.Redis.SecondLevel;
using Unstale.Redis.Telemetry;
using Xunit;

namespace Unstale.IntegrationTests.Redis.SecondLevel;

/// <summary>Stored values of few bytes that demand excessive memory.</summary>
public sealed class HostileValueTests : StoreTest
{
    private const int Limit = 1 << 20;
    private const int Bomb = 60 << 20;

    public static TheoryData<string, string> Bombs => new()
    {
        { "its whole length declared", nameof(EnvelopeFault.TooLarge) },
        { "one byte above the limit declared", nameof(EnvelopeFault.TooLarge) },
        { "the limit declared", nameof(EnvelopeFault.Payload) },
        { "nothing declared", nameof(EnvelopeFault.Payload) },
        { "2 GB declared", nameof(EnvelopeFault.TooLarge) },
        { "4 GB declared", nameof(EnvelopeFault.TooLarge) },
        { "cut in half", nameof(EnvelopeFault.Payload) },
    };

    [Theory]
    [MemberData(nameof(Bombs))]
    public void A_compressed_value_takes_no_more_memory_than_a_value_may_have(string bomb, string fault)
    {
        var value = Stored(Brotli(new byte[Bomb]), Bomb);
        switch (bomb)
        {
            case "one byte above the limit declared": Declare(value, Limit + 1); break;
            case "the limit declared": Declare(value, Limit); break;
            case "nothing declared": Declare(value, 0); break;
            case "2 GB declared": Declare(value, 1u << 31); break;
            case "4 GB declared": Declare(value, uint.MaxValue); break;
            case "cut in half": value = Stored(Brotli(new byte[Limit])[..^6], Limit); break;
            default: break;
        }

        Assert.InRange(value.Length, 1, 400);
        var (read, allocated) = Measured(() => Envelope.Parse(value, new TagNames(), out _, Limit));
        Assert.Equal(fault, read.ToString());
        Assert.InRange(allocated, 0, 2 * Limit);
    }

    [Fact]
    public void A_value_that_was_compressed_twice_is_decompressed_once()
    {
        var inner = Brotli(new byte[Bomb]);
        var value = Stored(Brotli(inner), (uint)inner.Length);
        var (read, allocated) = Measured(() => Envelope.Parse(value, new TagNames(), out var envelope, Limit) == EnvelopeFault.None ? envelope.Payload.ToArray() : []);
        Assert.Equal(inner, read);
        Assert.InRange(allocated, 0, Limit);
    }

    [Fact]
    public void A_value_that_was_not_compressed_has_the_same_limit()
    {
        Assert.Equal(EnvelopeFault.None, Envelope.Parse(Stored(new byte[100], 100, PayloadCodec.None), new TagNames(), out _, 100));
        Assert.Equal(EnvelopeFault.TooLarge, Envelope.Parse(Stored(new byte[101], 101, PayloadCodec.None), new TagNames(), out _, 100));
    }

    [Theory]
    [InlineData(4000)]
    [InlineData(65_535)]
    public void A_declared_number_of_tags_without_their_bytes_allocates_little_memory(ushort count)
    {
        var value = Stored(new byte[100], 100, PayloadCodec.None);
        BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(EnvelopeLayout.TagCount), count);
        Sign(value);
        var (read, allocated) = Measured(() => Envelope.Parse(value, new TagNames(), out _, Limit));
        Assert.Equal(EnvelopeFault.Tags, read);
        Assert.InRange(allocated, 0, 10_000);
    }

    [Fact]
    public async Task A_decompression_bomb_is_read_as_a_miss_and_logged()
    {
        var store = Node.StoreOf("default", new RedisStoreSettings { MaximumPayload = Limit });
        Assert.True(await Node.LoadAsync("k", "value", 0, [], store));
        var place = PlaceOf("k");
        var front = (await Raw.BytesAsync(place))[..EnvelopeLayout.Front];
        await Raw.ReplaceAsync(place, [.. front, .. Stored(Brotli(new byte[Bomb]), Bomb)[EnvelopeLayout.Front..]]);
        Assert.Null(await Node.GetAsync("k", store));
        Assert.Contains("(TooLarge)", Assert.Single(Node.Said.Of(EventIds.ValueUnreadable)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cache_reads_nothing_larger_than_its_own_MaximumPayloadBytes_from_the_second_level()
    {
        await using var generous = Cache(200_000);
        await using var strict = Cache(100_000);
        await Eventually.TrueAsync("a small value written on one node is read by the other", async () =>
        {
            await WriteAsync(generous, "small", 90_000);
            return await ReadAsync(strict, "small") == CacheOutcome.Remote;
        });
        await WriteAsync(generous, "large", 150_000);
        Assert.Equal(CacheOutcome.Load, await ReadAsync(strict, "large"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task DisableCompression_stores_the_values_of_a_cache_as_they_are(bool disabled)
    {
        await using var cache = Cache(200_000, disabled);
        await using var reader = Cache(200_000, !disabled);
        await Eventually.TrueAsync("the other node reads the value from the second level", async () =>
        {
            await WriteAsync(cache, "text", 50_000);
            return await ReadAsync(reader, "text") == CacheOutcome.Remote;
        });
        var stored = (await Raw.RunAsync("STRLEN", "{unstale:default:0}:v:default:text")).Integer;
        Assert.InRange(stored, disabled ? 50_000 : 50, disabled ? 50_500 : 5_000);
    }

    private ServiceProvider Cache(int maximumPayload, bool disablesCompression = false)
    {
        var services = new ServiceCollection().AddLogging();
        services.AddUnstale(o => (o.MaximumPayloadBytes, o.DisableCompression) = (maximumPayload, disablesCompression)).UseRedis(Server.EndPoint.ToString());
        return services.BuildServiceProvider();
    }

    private static Task WriteAsync(ServiceProvider node, string key, int length) =>
        node.GetRequiredService<UnstaleCache>().SetAsync(key, new string('x', length), cancellationToken: Stop).AsTask();

    private static async Task<CacheOutcome> ReadAsync(ServiceProvider node, string key) =>
        (await node.GetRequiredService<UnstaleCache>().GetOrCreateResultAsync(key, static (_, _) => new ValueTask<string>("loaded"), cancellationToken: Stop)).Outcome;

    private static (T Result, long Allocated) Measured<T>(Func<T> decode)
    {
        decode();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var result = decode();
        return (result, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static byte[] Brotli(byte[] plain)
    {
        var packed = new byte[BrotliEncoder.GetMaxCompressedLength(plain.Length)];
        Assert.True(BrotliEncoder.TryCompress(plain, packed, out var length, quality: 9, window: 22));
        return packed[..length];
    }

    private static byte[] Stored(byte[] payload, uint declared, PayloadCodec codec = PayloadCodec.Brotli)
    {
        Assert.True(EnvelopeBody.TryMake([], new PackedPayload(codec, payload, (int)declared), TimeSpan.FromMinutes(1), 0, out var body));
        var value = new byte[EnvelopeLayout.Front + body.Length + EnvelopeLayout.Ending];
        EnvelopeBody.WriteFront(value, Unstale.Generation.Create(), 7);
        body.Write(value.AsSpan(EnvelopeLayout.Front, body.Length));
        Encoding.ASCII.GetBytes($"{TimeProvider.System.GetUtcNow().AddMinutes(1).ToUnixTimeMilliseconds():D16}{7:D16}{1:D8}", value.AsSpan(EnvelopeLayout.Front + body.Length));
        return value;
    }

    private static void Declare(byte[] value, uint length)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(value.AsSpan(EnvelopeLayout.PlainLength), length);
        Sign(value);
    }

    private static void Sign(byte[] value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(value.AsSpan(EnvelopeLayout.Checksum), Crc32C.Compute(value.AsSpan()[EnvelopeLayout.Codec..^EnvelopeLayout.Ending]));
}
