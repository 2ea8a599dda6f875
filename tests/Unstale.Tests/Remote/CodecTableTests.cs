using System.Buffers;
using System.ComponentModel;
using System.Text;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Remote;
using Xunit;

namespace Unstale.Tests.Remote;

public sealed class CodecTableTests
{
    [Fact]
    public void A_registered_serializer_comes_before_every_factory()
    {
        var table = Table(services => services
            .AddSingleton<IHybridCacheSerializerFactory>(new MarkingFactory("factory"))
            .AddSingleton<IHybridCacheSerializer<Order>>(new MarkingSerializer<Order>("own")));

        Assert.Equal("own", Written(table.For<Order>(), new Order(1, ["a"])));
        Assert.Equal("factory", Written(table.For<Basket>(), new Basket()));
    }

    [Fact]
    public void The_serializer_factory_registered_last_is_tried_first()
    {
        var table = Table(services => services
            .AddSingleton<IHybridCacheSerializerFactory>(new MarkingFactory("first"))
            .AddSingleton<IHybridCacheSerializerFactory>(new MarkingFactory("last")));

        Assert.Equal("last", Written(table.For<string>(), "x"));
    }

    [Fact]
    public void A_factory_that_declines_leaves_the_type_to_the_next()
    {
        var table = Table(services => services
            .AddSingleton<IHybridCacheSerializerFactory>(new MarkingFactory("orders", typeof(Order)))
            .AddSingleton<IHybridCacheSerializerFactory>(new MarkingFactory("baskets", typeof(Basket))));

        Assert.Equal("orders", Written(table.For<Order>(), new Order(1, [])));
        Assert.Equal("baskets", Written(table.For<Basket>(), new Basket()));
        Assert.Equal("7", Written(table.For<int>(), 7));
    }

    [Fact]
    public void A_codec_is_created_once_for_each_table()
    {
        var table = new CodecTable(null);

        Assert.Same(table.For<Order>(), table.For<Order>());
        Assert.Same(table.For<string>(), table.For<string>());
        Assert.NotSame(table.For<Order>(), new CodecTable(null).For<Order>());
    }

    [Fact]
    public async Task Concurrent_callers_get_one_codec()
    {
        var table = new CodecTable(null);
        using var together = new Barrier(4);
        var codecs = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () =>
            {
                together.SignalAndWait();
                return (table.For<Order>(), table.For<Basket>());
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));

        Assert.Single(codecs.Distinct());
    }

    [Fact]
    public void Only_immutable_types_are_shared()
    {
        Assert.True(ValueCodec<string>.Shared);
        Assert.True(ValueCodec<int>.Shared);
        Assert.True(ValueCodec<int?>.Shared);
        Assert.True(ValueCodec<Guid>.Shared);
        Assert.True(ValueCodec<(int, long)>.Shared);
        Assert.True(ValueCodec<Price>.Shared);
        Assert.True(ValueCodec<Label?>.Shared);
        Assert.False(ValueCodec<byte[]>.Shared);
        Assert.False(ValueCodec<(int, string)>.Shared);
        Assert.False(ValueCodec<Order>.Shared);
        Assert.False(ValueCodec<Open>.Shared);
        Assert.False(ValueCodec<Derived>.Shared);
        Assert.False(ValueCodec<Changeable>.Shared);
    }

    [Fact]
    public void Null_is_not_passed_to_a_serializer_of_the_application()
    {
        var codec = Table(services => services.AddSingleton<IHybridCacheSerializer<Order?>>(new MarkingSerializer<Order?>("own"))).For<Order?>();
        var target = new ArrayBufferWriter<byte>();
        codec.Serialize(null, target);

        Assert.Equal([0], target.WrittenSpan.ToArray());
        Assert.Null(codec.Deserialize(new ReadOnlySequence<byte>(target.WrittenMemory)));
    }

    [Fact]
    public void Null_read_by_a_serializer_is_no_value()
    {
        var codec = Table(static services => services.AddSingleton<IHybridCacheSerializer<Order>>(new NullSerializer())).For<Order>();
        Assert.Equal(
            $"The stored bytes are not a value of type '{typeof(Order)}': a serializer read null where a value was stored.",
            Assert.Throws<InvalidDataException>(() => codec.Deserialize(new ReadOnlySequence<byte>([1, 7]))).Message);
    }

    [Fact]
    public void An_exception_of_a_serializer_reaches_the_caller_unchanged()
    {
        var thrown = new InvalidTimeZoneException("its own");
        var codec = Table(services => services.AddSingleton<IHybridCacheSerializer<Order>>(new MarkingSerializer<Order>("x", thrown))).For<Order>();

        Assert.Same(thrown, Assert.Throws<InvalidTimeZoneException>(() => codec.Deserialize(new ReadOnlySequence<byte>([1]))));
    }

    private static CodecTable Table(Action<IServiceCollection> register)
    {
        var services = new ServiceCollection();
        register(services);
        return new CodecTable(services.BuildServiceProvider());
    }

    private static string Written<T>(ValueCodec<T> codec, T value)
    {
        var target = new ArrayBufferWriter<byte>();
        codec.Serialize(value, target);
        return Encoding.UTF8.GetString(target.WrittenSpan[(default(T) is null ? 1 : 0)..]);
    }

    internal sealed record Order(int Id, List<string> Lines);

    internal sealed class Basket;

    [ImmutableObject(true)]
    internal sealed record Price(decimal Amount, string Currency);

    [ImmutableObject(true)]
    internal readonly record struct Label(string Text);

    [ImmutableObject(true)]
    internal record Open(int Id);

    internal sealed record Derived(int Id) : Open(Id);

    [ImmutableObject(false)]
    internal sealed record Changeable(int Id);

    private sealed class MarkingSerializer<T>(string mark, Exception? thrown = null) : IHybridCacheSerializer<T>
    {
        public T Deserialize(ReadOnlySequence<byte> source) => throw thrown ?? new InvalidOperationException(mark);

        public void Serialize(T value, IBufferWriter<byte> target) => target.Write(Encoding.UTF8.GetBytes(mark));
    }

    private sealed class MarkingFactory(string mark, params Type[] types) : IHybridCacheSerializerFactory
    {
        public bool TryCreateSerializer<T>([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IHybridCacheSerializer<T>? serializer)
        {
            serializer = types.Length == 0 || types.Contains(typeof(T)) ? new MarkingSerializer<T>(mark) : null;
            return serializer is not null;
        }
    }

    private sealed class NullSerializer : IHybridCacheSerializer<Order>
    {
        public Order Deserialize(ReadOnlySequence<byte> source) => null!;

        public void Serialize(Order value, IBufferWriter<byte> target) => target.Write("x"u8);
    }
}
