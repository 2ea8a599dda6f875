using System.Buffers;
using System.Reflection;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Unstale.Remote;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Serializers;

/// <summary>Behaviour common to the serializer packages.</summary>
public abstract class SerializerContract<TProduct, TEarlier, TPoint, TPayment, TCard, TFaulty>
    where TProduct : class, IProduct, new()
    where TEarlier : class, IEarlierProduct, new()
    where TPoint : struct
    where TPayment : class
    where TCard : TPayment, ICard, new()
    where TFaulty : class, new()
{
    public static TheoryData<Type> Included =>
    [
        typeof(TProduct), typeof(TPoint), typeof(TPoint?), typeof(TPayment), typeof(TCard), typeof(TFaulty), typeof(TProduct[]), typeof(List<TProduct>), typeof(IReadOnlyList<TProduct>),
        typeof(Dictionary<string, TProduct>), typeof((TProduct, int)), typeof(List<(TProduct, string)>),
    ];

    public static TheoryData<Type> Others =>
    [
        typeof(string), typeof(byte[]), typeof(int), typeof(int?), typeof(object), typeof(DateTime), typeof(DayOfWeek), typeof(List<int>), typeof(Dictionary<string, object>),
        typeof((int, string)), typeof(Plain), typeof(List<Plain>), typeof((TProduct, Plain)), typeof((TProduct, object)),
    ];

    public static TheoryData<string> Garbage => ["FF", "0A", "9301", "C0", "C1FFFFFFFF", "0AFFFFFFFF0F01", "FFFFFFFFFFFFFFFFFFFFFFFF"];

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static TProduct Sample => new() { Id = 7, Name = "Grüße, 世界", Price = 34.95m };

    /// <summary>Whether an earlier version of a type reads the values of a later version.</summary>
    protected virtual bool ReadsLaterVersions => true;

    /// <summary>Beginning of the library's message about the type with a faulty contract.</summary>
    protected abstract string Fault { get; }

    [Theory]
    [MemberData(nameof(Included))]
    public void A_type_with_a_contract_or_made_of_such_types_is_included(Type type) => Assert.True(Includes(type));

    [Theory]
    [MemberData(nameof(Others))]
    public void A_type_without_a_contract_is_left_to_others(Type type) => Assert.False(Includes(type));

    [Fact]
    public void A_value_is_read_back_from_segments_of_any_length()
    {
        var codec = Codec<TProduct>();
        var bytes = Written(codec, Sample);
        for (var length = 1; length <= bytes.Length; length++)
            AssertSample(codec.Deserialize(Pieces.Of(bytes, length)));
    }

    [Fact]
    public void Collections_tuples_and_structs_are_read_back()
    {
        AssertSample(Assert.Single(Copy(new[] { Sample })));
        AssertSample(Assert.Single(Copy(new List<TProduct> { Sample })));
        AssertSample(Copy(new Dictionary<string, TProduct> { ["a"] = Sample })["a"]);
        Assert.Empty(Copy(new List<TProduct>()));
        var (product, number) = Copy((Sample, 4));
        AssertSample(product);
        Assert.Equal(4, number);
        Assert.Equal(default(TPoint), Copy<TPoint?>(default(TPoint)));
    }

    [Fact]
    public void A_value_whose_members_have_their_defaults_is_read_back()
    {
        var read = Copy(new TProduct());
        Assert.Equal((0, null, 0m), (read.Id, read.Name, read.Price));
        Assert.Equal(default(TPoint), Copy(default(TPoint)));
    }

    [Fact]
    public void A_value_of_a_derived_type_is_read_back_as_the_derived_type() =>
        Assert.Equal("1234", Assert.IsType<TCard>(Copy<TPayment>(new TCard { Number = "1234" })).Number);

    [Fact]
    public void Null_is_read_back_as_null()
    {
        Assert.Null(Copy<TProduct?>(null));
        Assert.Null(Copy<TPoint?>(null));
    }

    [Fact]
    public void A_value_of_an_earlier_version_of_its_type_is_read_without_the_added_member()
    {
        var read = Codec<TProduct>().Deserialize(new(Written(Codec<TEarlier>(), new TEarlier { Id = 7, Name = "Lamp" })));
        Assert.Equal((7, "Lamp", 0m), (read.Id, read.Name, read.Price));
    }

    [Fact]
    public void A_value_of_a_later_version_is_read_or_refused_and_never_confused()
    {
        var later = new ReadOnlySequence<byte>(Written(Codec<TProduct>(), Sample));
        var earlier = Codec<TEarlier>();
        if (!ReadsLaterVersions)
            Assert.ThrowsAny<Exception>(() => earlier.Deserialize(later));
        else
            Assert.Equal((7, Sample.Name), (earlier.Deserialize(later).Id, earlier.Deserialize(later).Name));
    }

    [Theory]
    [MemberData(nameof(Garbage))]
    public void Bytes_of_another_program_are_refused(string bytes) =>
        Assert.ThrowsAny<Exception>(() => Codec<TProduct>().Deserialize(new(Convert.FromHexString("01" + bytes))));

    [Fact]
    public async Task Each_caller_gets_a_copy_without_the_members_outside_the_contract()
    {
        await using var test = new CacheUnderTest(services: s => Add(s.AddUnstale()));
        var first = await test.Cache.GetOrCreateAsync("k", static _ => ValueTask.FromResult(WithNote()), cancellationToken: Stop);
        first.Name = "changed by a caller";
        var second = await test.Cache.GetOrCreateResultAsync("k", static (_, _) => ValueTask.FromResult(WithNote()), cancellationToken: Stop);
        Assert.Equal(CacheOutcome.Memory, second.Outcome);
        AssertSample(second.Value);
        Assert.Null(first.Note);
    }

    [Fact]
    public async Task A_faulty_contract_is_reported_with_the_message_of_the_library_and_the_value_is_returned()
    {
        var lines = new CapturedLog();
        await using var test = new CacheUnderTest(services: s => Add(s.AddLogging(l => l.AddProvider(lines)).AddUnstale()));
        for (var i = 0; i < 2; i++)
        {
            var read = await test.Cache.GetOrCreateResultAsync("k", static (_, _) => ValueTask.FromResult(new TFaulty()), cancellationToken: Stop);
            Assert.Equal(CacheOutcome.Load, read.Outcome);
        }

        Assert.Contains(Fault, Assert.Single(lines.Texts(LogLevel.Warning)), StringComparison.Ordinal);
    }

    protected abstract IUnstaleBuilder Add(IUnstaleBuilder builder);

    internal ValueCodec<T> Codec<T>(Func<IUnstaleBuilder, IUnstaleBuilder>? add = null) =>
        new CodecTable((add ?? Add)(new ServiceCollection().AddUnstale()).Services.BuildServiceProvider()).For<T>();

    internal static byte[] Written<T>(ValueCodec<T> codec, T value)
    {
        var target = new ArrayBufferWriter<byte>();
        codec.Serialize(value, target);
        return target.WrittenSpan.ToArray();
    }

    protected bool Includes(Type type, Func<IUnstaleBuilder, IUnstaleBuilder>? add = null)
    {
        var factory = (add ?? Add)(new ServiceCollection().AddUnstale()).Services.BuildServiceProvider().GetRequiredService<IHybridCacheSerializerFactory>();
        return (bool)typeof(IHybridCacheSerializerFactory).GetMethod(nameof(factory.TryCreateSerializer))!.MakeGenericMethod(type)
            .Invoke(factory, BindingFlags.DoNotWrapExceptions, binder: null, [null], culture: null)!;
    }

    protected T Copy<T>(T value, Func<IUnstaleBuilder, IUnstaleBuilder>? add = null)
    {
        var codec = Codec<T>(add);
        Assert.IsType<RegisteredCodec<T>>(codec);
        return codec.Deserialize(new(Written(codec, value)));
    }

    private static void AssertSample(TProduct read) => Assert.Equal((Sample.Id, Sample.Name, Sample.Price), (read.Id, read.Name, read.Price));

    private static TProduct WithNote()
    {
        var product = Sample;
        product.Note = "outside the contract";
        return product;
    }
}
