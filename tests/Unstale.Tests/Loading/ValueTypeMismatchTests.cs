using System.Buffers;
using System.Text;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Tests.Cluster;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>A value stored with one type or one serializer is a miss for all others, in memory and in the second level.</summary>
public sealed class ValueTypeMismatchTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, Func<Checked, Task>> Pairs => new()
    {
        { "an int and a long", c => c.Differ(5, 7L) },
        { "a long and an int", c => c.Differ(5L, 7) },
        { "a long and a double", c => c.Differ(5L, 7d) },
        { "an int and a nullable int", c => c.Differ<int, int?>(5, 7) },
        { "a text and bytes", c => c.Differ("a", new byte[] { 7 }) },
        { "a text and a date", c => c.Differ("2020-01-01", new DateTime(2021, 1, 1, 0, 0, 0, DateTimeKind.Utc)) },
        { "an enum and its number", c => c.Differ(DayOfWeek.Monday, 7) },
        { "two enums", c => c.Differ(DayOfWeek.Monday, DateTimeKind.Local) },
        { "a list and an array", c => c.Differ(new List<int> { 5 }, new[] { 7 }) },
        { "a list and its interface", c => c.Differ<List<int>, IReadOnlyList<int>>([5], [7]) },
        { "lists of two types", c => c.Differ(new List<int> { 5 }, new List<long> { 7 }) },
        { "two records of one shape", c => c.Differ(new First(5), new Second(7)) },
        { "a base type and a derived one", c => c.Differ(new Shape { Name = "a" }, new Square { Name = "b" }) },
        { "a tuple and a record", c => c.Differ((5, "a"), new First(7)) },
        { "types nested in two types", c => c.Differ(new A.Item(5), new B.Item(7)) },
    };

    [Theory]
    [MemberData(nameof(Pairs), DisableDiscoveryEnumeration = true)]
    public async Task A_value_of_another_type_is_loaded_anew(string what, Func<Checked, Task> check)
    {
        _ = what;
        await using var cluster = new Checked();
        await check(cluster);
    }

    [Fact]
    public async Task A_value_of_another_serializer_is_loaded_anew()
    {
        await using var cluster = new TestCluster(1);
        var other = cluster.Add(more: static s => s.AddSingleton<IHybridCacheSerializer<First>>(new Plain()));
        var made = cluster.Add(more: static s => s.AddSingleton<IHybridCacheSerializerFactory>(new Factory()));
        var alike = cluster.Add(more: static s => s.AddSingleton<IHybridCacheSerializer<First>>(new Plain()));
        Assert.Equal(new First(1), await cluster.A.Cache.GetOrCreateAsync("k", static _ => new ValueTask<First>(new First(1)), cancellationToken: Stop));
        Assert.Equal(new First(2), await other.Cache.GetOrCreateAsync("k", static _ => new ValueTask<First>(new First(2)), cancellationToken: Stop));
        Assert.Equal(new First(3), await made.Cache.GetOrCreateAsync("k", static _ => new ValueTask<First>(new First(3)), cancellationToken: Stop));
        await other.Cache.SetAsync("k", new First(4), cancellationToken: Stop);
        Assert.Equal(new First(4), await alike.Cache.GetOrCreateAsync("k", static _ => new ValueTask<First>(new First(5)), cancellationToken: Stop));
    }

    [Fact]
    public async Task A_value_that_was_set_as_another_type_is_loaded_anew()
    {
        await using var cluster = new TestCluster();
        await cluster.A.Cache.SetAsync("k", 5, cancellationToken: Stop);
        Assert.False(cluster.A.Cache.TryGet("k", out long _));
        Assert.Equal(7L, await cluster.A.Cache.GetOrCreateAsync("k", static _ => new ValueTask<long>(7L), cancellationToken: Stop));
        await cluster.A.Cache.SetAsync("l", 5, cancellationToken: Stop);
        Assert.Equal(7L, await cluster.B.Cache.GetOrCreateAsync("l", static _ => new ValueTask<long>(7L), cancellationToken: Stop));
    }

    [Fact]
    public async Task A_load_of_another_type_is_not_joined()
    {
        await using var cluster = new TestCluster(1);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = cluster.A.Cache.GetOrCreateAsync("k", async _ =>
        {
            await go.Task;
            return 5;
        }, cancellationToken: Stop).AsTask();
        var second = cluster.A.Cache.GetOrCreateAsync("k", static _ => new ValueTask<long>(7L), new() { Flags = HybridCacheEntryFlags.DisableDistributedCache }, cancellationToken: Stop);
        Assert.Equal(7L, await second);
        go.SetResult();
        Assert.Equal(5, await first);
    }

    [Fact]
    public async Task A_probe_with_another_type_finds_no_value()
    {
        await using var cluster = new TestCluster();
        await cluster.A.Cache.SetAsync("k", 5, cancellationToken: Stop);
        Assert.False((await cluster.A.Cache.TryGetAsync<long>("k", cancellationToken: Stop)).IsFound);
        Assert.False((await cluster.B.Cache.TryGetAsync<long>("k", cancellationToken: Stop)).IsFound);
        Assert.Equal(5, (await cluster.B.Cache.TryGetAsync<int>("k", cancellationToken: Stop)).Value);
    }

    /// <summary>A cluster of two that stores two types under one key.</summary>
    public sealed class Checked : IAsyncDisposable
    {
        private readonly TestCluster _cluster = new();

        public async Task Differ<T, TOther>(T value, TOther other)
        {
            await _cluster.A.Cache.GetOrCreateAsync("k", _ => new ValueTask<T>(value), cancellationToken: Stop);
            Assert.NotEmpty(_cluster.Server.Read(static d => d.Values));
            var loads = 0;
            foreach (var node in _cluster.Nodes.Reverse())
            {
                var read = await node.Cache.GetOrCreateAsync(
                    "k",
                    _ =>
                    {
                        loads++;
                        return new ValueTask<TOther>(other);
                    },
                    cancellationToken: Stop);
                Assert.Equivalent(other, read);
                Assert.Equal(1, loads); // the second node reads the value stored by the first
            }
        }

        public ValueTask DisposeAsync() => _cluster.DisposeAsync();
    }

    public sealed record First(int Number);

    public sealed record Second(int Number);

    public class Shape
    {
        public string? Name { get; set; }
    }

    public sealed class Square : Shape;

    public static class A
    {
        public sealed record Item(int Number);
    }

    public static class B
    {
        public sealed record Item(int Number);
    }

    private sealed class Plain : IHybridCacheSerializer<First>
    {
        public First Deserialize(ReadOnlySequence<byte> source) => new(Encoding.UTF8.GetString(source) is var text && int.TryParse(text, out var number) ? number : -1);

        public void Serialize(First value, IBufferWriter<byte> target) => Encoding.UTF8.GetBytes($"{value.Number}", target);
    }

    private sealed class Hex : IHybridCacheSerializer<First>
    {
        public First Deserialize(ReadOnlySequence<byte> source) => new(Encoding.UTF8.GetString(source) is var text && int.TryParse(text, out var number) ? number + 100 : -2);

        public void Serialize(First value, IBufferWriter<byte> target) => Encoding.UTF8.GetBytes($"{value.Number - 100}", target);
    }

    private sealed class Factory : IHybridCacheSerializerFactory
    {
        public bool TryCreateSerializer<T>([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IHybridCacheSerializer<T>? serializer)
        {
            serializer = new Hex() as IHybridCacheSerializer<T>;
            return serializer is not null;
        }
    }
}
