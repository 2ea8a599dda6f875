using System.Buffers;
using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Unstale.Tests.Cluster;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>Every caller gets the value read back from the stored bytes. A value that differs when read back is returned to one caller and not stored.</summary>
public sealed partial class ValueRoundTripTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, Func<Checked, Task>> Lost => new()
    {
        { "a constructor that JSON cannot call", c => c.NotKept(static () => new NoWayBack("abc")) },
        { "two constructors", c => c.NotKept(static () => new TwoConstructors(1)) },
        { "a read-only collection", c => c.NotKept(static () => new ReadOnlyCollection<int>([1])) },
        { "a read-only dictionary", c => c.NotKept(static () => new ReadOnlyDictionary<string, int>(new Dictionary<string, int> { ["a"] = 1 })) },
        { "a lookup", c => c.NotKept(static () => new[] { 1, 2 }.ToLookup(x => x)) },
        { "groups", c => c.NotKept(static () => new[] { 1, 2 }.GroupBy(x => x % 2)) },
        { "a task", c => c.NotKept(static () => Task.FromResult(1)) },
        { "an exception", c => c.NotKept(static () => new InvalidOperationException("x")) },
        { "bits", c => c.NotKept(static () => new BitArray(3)) },
        { "a segment", c => c.NotKept(static () => new ArraySegment<int>([1, 2, 3], 1, 1)) },
        { "keys that are tuples", c => c.NotKept(static () => new Dictionary<(int, int), string> { [(1, 2)] = "x" }) },
        { "a handle", c => c.NotKept(static () => new List<nint> { 5 }) },
        { "a stream", c => c.NotKept<Stream>(static () => new MemoryStream([1])) },
        { "a stream of memory", c => c.NotKept(static () => new MemoryStream([1])) },
        { "an asynchronous sequence", c => c.NotKept(static () => Sequence()) },
        { "a cycle", c => c.NotKept(static () => new Link().Closed()) },
        { "nested too deeply", c => c.NotKept(static () => Link.OfDepth(100)) },
        { "members without a setter", c => c.NotKept(static () => new WithoutSetter(["a"])) },
        { "a private setter", c => c.NotKept(static () => new PrivateSetter("a")) },
        { "hidden state", c => c.NotKept(static () => new Hidden(5)) },
        { "hidden state in a list", c => c.NotKept(static () => new List<Hidden> { new(5) }) },
        { "a stack, which JSON turns over", c => c.NotKept(static () => new Stack<int>([1, 2])) },
        { "a derived type", c => c.NotKept<Animal>(static () => new Dog { Name = "a", Barks = true }) },
        { "a derived type in a list", c => c.NotKept(static () => new List<Animal> { new Dog { Name = "a" } }) },
        { "an object", c => c.NotKept<object>(static () => 5) },
        { "an object in a dictionary", c => c.NotKept(static () => new Dictionary<string, object> { ["a"] = 5 }) },
        { "an interface in a record", c => c.NotKept(static () => new WithInterface(new Dog())) },
        { "a derived type that was declared without a mark", c => c.NotKept<Vehicle>(static () => new Car { Doors = 5 }) },
        { "a derived type without a mark that adds nothing", c => c.NotKept<Vehicle>(static () => new Cart { Wheels = 2 }) },
        { "a derived type that falls back to its base", c => c.NotKept<Plant>(static () => new Tree { Name = "a" }) },
        { "a derived type in a declared list", c => c.NotKept(static () => new List<Plant> { new Tree { Name = "a" } }) },
        { "an address", c => c.NotKept(static () => System.Net.IPAddress.Loopback) },
        { "a culture", c => c.NotKept(static () => System.Globalization.CultureInfo.InvariantCulture) },
        { "a stack that is immutable", c => c.NotKept(static () => ImmutableStack.Create(1, 2)) },
        { "a bag", c => c.NotKept(static () => new ConcurrentBag<int> { 1, 2 }) },
        { "a read-only set", c => c.NotKept(static () => new ReadOnlySet<int>(new HashSet<int> { 1 })) },
        { "a frozen set", c => c.NotKept(static () => System.Collections.Frozen.FrozenSet.ToFrozenSet([1, 2])) },
        { "a lazy value", c => c.NotKept(static () => new Lazy<int>(static () => 5)) },
        { "something to dispose", c => c.NotKept<IDisposable>(static () => new MemoryStream()) },
        { "a getter that throws", c => c.NotKept(static () => new Moody { Name = "a" }) },
        { "a setter that throws", c => c.NotKept(static () => new Unwilling("a")) },
        { "an untyped list", c => c.NotKept(static () => new ArrayList { 1 }) },
        { "an error in a list", c => c.NotKept(static () => new List<Exception> { new InvalidOperationException("x") }) },
        { "a delegate", c => c.NotKept<Func<int>>(static () => static () => 5) },
    };

    public static TheoryData<string, Func<Checked, Task>> Kept => new()
    {
        { "a list", c => c.Equal(static () => new List<int> { 1, 2 }) },
        { "a record with init", c => c.Equal(static () => new WithInit { Name = "a", Lines = ["x"] }) },
        { "a tuple with references", c => c.Equal(static () => (1, "a", new List<int> { 1 })) },
        { "an iterator", c => c.Equal(static () => Enumerable.Range(1, 3).Select(static i => i * 2)) },
        { "an interface of a list", c => c.Equal<IReadOnlyList<int>>(static () => [1, 2]) },
        { "an immutable array", c => c.Equal(static () => ImmutableArray.Create(1, 2)) },
        { "an immutable dictionary", c => c.Equal(static () => ImmutableDictionary<string, int>.Empty.Add("a", 1).Add("b", 2)) },
        { "a concurrent dictionary", c => c.Equal(static () => Concurrent()) },
        { "a set after removals", c => c.Equal(static () => WithRemovals()) },
        { "numbers that are none", c => c.Equal(static () => new List<double> { double.NaN, double.NegativeInfinity, -0.0 }) },
        { "times", c => c.Equal(static () => new List<DateTime> { new(1, DateTimeKind.Utc), new(1, DateTimeKind.Unspecified), DateTime.MaxValue }) },
        { "an element of JSON", c => c.Equal(static () => JsonDocument.Parse("""{"a":1,"b":[1.50,"é"]}""").RootElement) },
        { "an element of JSON as an object", c => c.Equal(static () => new Dictionary<string, object> { ["a"] = JsonDocument.Parse("1").RootElement }) },
        { "an anonymous type", c => c.Equal(static () => new { A = 1, B = "x" }) },
        { "a declared hierarchy", c => c.Equal<Shape>(static () => new Circle(2)) },
        { "nothing", c => c.Equal<List<int>?>(static () => null) },
        { "a set by its interface", c => c.Equal<ISet<int>>(static () => new HashSet<int> { 1, 2 }) },
        { "a queue", c => c.Equal(static () => new Queue<int>([1, 2])) },
        { "a linked list", c => c.Equal(static () => new LinkedList<int>([1, 2])) },
        { "a sorted dictionary", c => c.Equal(static () => new SortedDictionary<string, int> { ["b"] = 1, ["a"] = 2 }) },
        { "bytes", c => c.Equal(static () => new byte[] { 1, 2 }) },
        { "memory", c => c.Equal(static () => new Memory<byte>([1, 2])) },
        { "a pair", c => c.Equal(static () => new KeyValuePair<string, List<int>>("a", [1])) },
        { "a wide tuple", c => c.Equal(static () => (1, 2, 3, 4, 5, 6, 7, 8, new List<int> { 9 })) },
        { "a nullable struct with references", c => c.Equal<(int, string)?>(static () => (1, "a")) },
        { "a time of this zone", c => c.Equal(static () => new List<DateTime> { new(2020, 1, 2, 3, 4, 5, DateTimeKind.Local) }) },
        { "a decimal with zeros", c => c.Equal(static () => new List<decimal> { 1.500m, decimal.MaxValue }) },
        { "a node of JSON", c => c.Equal(static () => System.Text.Json.Nodes.JsonNode.Parse("""{"a":[1,null]}""")!) },
        { "an empty object", c => c.Equal(static () => new Blank()) },
        { "an object that is null", c => c.Equal(static () => new Dictionary<string, object?> { ["a"] = null }) },
        { "a mark in a list", c => c.Equal(static () => new List<Shape> { new Circle(2) }) },
        { "text that HTML escapes", c => c.Equal(static () => new List<string> { "<a>&'é\u2028\0" }) },
        { "a computed member", c => c.Equal(static () => new Computed { First = "a", Last = "b" }) },
    };

    [Theory]
    [MemberData(nameof(Lost), DisableDiscoveryEnumeration = true)]
    public async Task A_value_that_differs_when_read_back_is_returned_to_its_caller_and_not_stored(string what, Func<Checked, Task> check)
    {
        _ = what;
        await using var memory = new Checked(withRemote: false);
        await check(memory);
        await using var both = new Checked(withRemote: true);
        await check(both);
    }

    [Theory]
    [MemberData(nameof(Kept), DisableDiscoveryEnumeration = true)]
    public async Task The_first_caller_gets_the_same_value_as_all_later_callers(string what, Func<Checked, Task> check)
    {
        _ = what;
        await using var memory = new Checked(withRemote: false);
        await check(memory);
        await using var both = new Checked(withRemote: true);
        await check(both);
    }

    [Fact]
    public async Task Concurrent_callers_each_load_a_value_that_cannot_be_shared()
    {
        await using var test = new CacheUnderTest();
        var entered = 0;
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        async ValueTask<Stream> Load(CancellationToken token)
        {
            Interlocked.Increment(ref entered);
            await go.Task.WaitAsync(token);
            return new MemoryStream([1]);
        }

        var reads = Enumerable.Range(0, 3).Select(_ => test.Cache.GetOrCreateAsync("k", Load, cancellationToken: Stop).AsTask()).ToArray();
        go.SetResult();
        var streams = await Task.WhenAll(reads);
        Assert.Equal(3, streams.Distinct().Count());
        Assert.Equal(3, entered);
    }

    [Fact]
    public async Task A_log_line_per_type_names_the_type_and_the_reason_of_a_failed_round_trip()
    {
        await using var cluster = new TestCluster(1, withRemote: false);
        for (var i = 0; i < 3; i++)
        {
            await cluster.A.Cache.GetOrCreateAsync($"k{i}", static _ => new ValueTask<Stack<int>>(new Stack<int>([1, 2])), cancellationToken: Stop);
            await cluster.A.Cache.GetOrCreateAsync($"l{i}", static _ => new ValueTask<BitArray>(new BitArray(2)), cancellationToken: Stop);
        }

        var lines = cluster.A.Log.Texts(LogLevel.Warning).Where(static l => l.Contains("but not stored", StringComparison.Ordinal)).ToArray();
        Assert.Equal(2, lines.Length);
        Assert.Contains("System.Collections.Generic.Stack`1[System.Int32]", lines[0], StringComparison.Ordinal);
        Assert.Contains("the value changed when it was serialized and deserialized", lines[0], StringComparison.Ordinal);
        Assert.Contains("System.Collections.BitArray", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_immutable_value_that_fails_the_round_trip_is_stored_in_memory_and_not_in_the_second_level()
    {
        await using var cluster = new TestCluster();
        var loads = 0;
        ValueTask<Opaque> Load(CancellationToken token) => new(new Opaque(++loads));
        var first = await cluster.A.Cache.GetOrCreateAsync("k", Load, cancellationToken: Stop);
        Assert.Equal(first, await cluster.A.Cache.GetOrCreateAsync("k", Load, cancellationToken: Stop));
        Assert.NotEqual(default, first);
        Assert.Equal(1, loads);
        Assert.Empty(cluster.Server.Read(static d => d.Values));
        Assert.Equal(new Opaque(2), await cluster.B.Cache.GetOrCreateAsync("k", Load, cancellationToken: Stop));
    }

    [Fact]
    public async Task Setting_a_value_that_is_not_read_back_only_invalidates()
    {
        await using var cluster = new TestCluster();
        await cluster.A.Cache.SetAsync("k", new Stack<int>([1]), cancellationToken: Stop); // one element, so the order does not matter
        Assert.NotNull(cluster.A.Cache.Inspect("k"));
        await cluster.A.Cache.SetAsync("k", new Stack<int>([1, 2]), cancellationToken: Stop);
        Assert.Null(cluster.A.Cache.Inspect("k"));
        Assert.Empty(cluster.Server.Read(static d => d.Values));
    }

    [Fact]
    public async Task An_entry_that_its_serializer_can_no_longer_read_is_loaded_again()
    {
        var serializer = new MoodySerializer();
        await using var cluster = new TestCluster(0);
        var node = cluster.Add(withRemote: false, more: s => s.AddSingleton<IHybridCacheSerializer<Note>>(serializer));
        var loads = 0;
        ValueTask<Note> Load(CancellationToken token) => new(new Note($"v{++loads}"));
        Assert.Equal("v1", (await node.Cache.GetOrCreateAsync("k", Load, cancellationToken: Stop)).Text);
        serializer.Throws = true;
        Assert.Equal("v2", (await node.Cache.GetOrCreateAsync("k", Load, cancellationToken: Stop)).Text);
        Assert.False(node.Cache.TryGet("k", out Note? _));
        serializer.Throws = false;
        Assert.Equal("v3", (await node.Cache.GetOrCreateAsync("k", Load, cancellationToken: Stop)).Text);
        Assert.Equal("v3", (await node.Cache.GetOrCreateAsync("k", Load, cancellationToken: Stop)).Text);
        Assert.Equal(1, node.Log.Times("but not stored"));
        Assert.Equal(1, node.Log.Times("can no longer be deserialized"));
    }

    private static async IAsyncEnumerable<int> Sequence()
    {
        yield return 1;
        await Task.Yield();
    }

    private static ConcurrentDictionary<string, int> Concurrent()
    {
        var all = new ConcurrentDictionary<string, int>(concurrencyLevel: 8, capacity: 1);
        for (var i = 0; i < 500; i++)
            all[$"key{i}"] = i;
        for (var i = 0; i < 480; i++)
            all.TryRemove($"key{i}", out _);
        return all;
    }

    private static HashSet<int> WithRemovals()
    {
        HashSet<int> set = [1, 2, 3, 4];
        set.Remove(2);
        set.Add(9);
        return set;
    }

    /// <summary>A cluster of two with checks of its values.</summary>
    public sealed class Checked(bool withRemote) : IAsyncDisposable
    {
        private readonly TestCluster _cluster = new(2, withRemote: withRemote);

        public async Task NotKept<T>(Func<T> make)
        {
            for (var i = 1; i <= 3; i++)
            {
                var made = make();
                Assert.Equal(made, await _cluster.A.Cache.GetOrCreateAsync("k", _ => new ValueTask<T>(made), cancellationToken: Stop), static (a, b) => ReferenceEquals(a, b) || (a is ValueType && Equals(a, b)));
                Assert.Null(_cluster.A.Cache.Inspect("k"));
            }

            await _cluster.B.Cache.GetOrCreateAsync("k", _ => new ValueTask<T>(make()), cancellationToken: Stop);
            Assert.Empty(_cluster.Server.Read(static d => d.Values));
        }

        public async Task Equal<T>(Func<T> make)
        {
            var loads = 0;
            ValueTask<T> Load(CancellationToken token)
            {
                loads++;
                return new(make());
            }

            var first = await _cluster.A.Cache.GetOrCreateAsync("k", Load, cancellationToken: Stop);
            var second = await _cluster.A.Cache.GetOrCreateAsync("k", Load, cancellationToken: Stop);
            Assert.Equal(1, loads);
            Assert.Equal(first?.GetType(), second?.GetType());
            Assert.Equal(Text(first), Text(second));
            Assert.Equal(Text(make()), Text(first));
            if (withRemote)
                Assert.Equal(Text(first), Text(await _cluster.B.Cache.GetOrCreateAsync("k", Load, cancellationToken: Stop)));
            Assert.Equal(1, loads);
        }

        public ValueTask DisposeAsync() => _cluster.DisposeAsync();

        private static readonly JsonSerializerOptions Plain = new() { IncludeFields = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

        private static string Text<T>(T value) =>
            value is ConcurrentDictionary<string, int> all ? string.Join(',', all.OrderBy(static p => p.Key, StringComparer.Ordinal)) : JsonSerializer.Serialize(value, Plain);
    }

    private sealed class MoodySerializer : IHybridCacheSerializer<Note>
    {
        public bool Throws { get; set; }

        public Note Deserialize(ReadOnlySequence<byte> source) =>
            Throws ? throw new InvalidTimeZoneException("not today") : new(Encoding.UTF8.GetString(source));

        public void Serialize(Note value, IBufferWriter<byte> target) => target.Write(Encoding.UTF8.GetBytes(value.Text));
    }
}
