using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using FsCheck;
using FsCheck.Fluent;
using Unstale.Remote;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Remote;

public sealed class BuiltInCodecTests
{
    private static readonly CodecTable Table = new(null);

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("\u00e9\u4e2d\ud83d\ude00\0")]
    public void A_string_is_serialized_as_a_leading_byte_and_its_UTF_8(string value)
    {
        var bytes = Bytes(value);

        Assert.Equal([1, .. Encoding.UTF8.GetBytes(value)], bytes);
        Assert.Equal(value, Read<string>(bytes));
        Assert.Equal(value, Table.For<string>().Deserialize(Pieces.Halves(bytes)));
    }

    [Theory]
    [InlineData("^")]
    [InlineData("Order ^")]
    [InlineData("_ ^_ \0")]
    public void A_string_with_half_of_a_surrogate_pair_comes_back_as_UTF_16(string picture)
    {
        // Attributes cannot contain half of a surrogate pair: ^ represents the first half, _ the second.
        var value = picture.Replace('^', '\uD83D').Replace('_', '\uDD11');
        var bytes = Bytes(value);

        Assert.Equal([1, 255, .. System.Runtime.InteropServices.MemoryMarshal.AsBytes(value.AsSpan())], bytes);
        Assert.Equal(value, Read<string>(bytes));
        Assert.Equal(value, Table.For<string>().Deserialize(Pieces.Halves(bytes)));
    }

    [Fact]
    public void Bytes_that_are_neither_form_of_a_string_are_an_error()
    {
        Assert.Throws<DecoderFallbackException>(() => Read<string>([1, 0xfe]));
        Assert.Throws<InvalidDataException>(() => Read<string>([1, 0xff, 0]));
    }

    [Fact]
    public void Bytes_are_copied_for_each_reader()
    {
        byte[] value = [1, 2, 3];
        var bytes = Bytes(value);
        value[0] = 9;

        Assert.Equal([1, 1, 2, 3], bytes);
        Assert.Equal([1, 2, 3], Table.For<byte[]>().Deserialize(Pieces.Halves(bytes)));
        Assert.NotSame(Read<byte[]>(bytes), Read<byte[]>(bytes));
        Assert.Empty(Read<byte[]>(Bytes<byte[]>([])));
    }

    [Fact]
    public void Null_comes_back_as_null_and_empty_as_empty()
    {
        Assert.Equal([0], Bytes<string?>(null));
        Assert.Null(Read<string>(Bytes<string?>(null)));
        Assert.Null(Read<byte[]>(Bytes<byte[]?>(null)));
        Assert.Null(Read<int?>(Bytes<int?>(null)));
        Assert.Null(Read<List<string>>(Bytes<List<string>?>(null)));
        Assert.Empty(Read<List<string>>(Bytes<List<string>>([])));
        Assert.Equal("0"u8.ToArray(), Bytes(0));
    }

    [Theory]
    [InlineData()]
    [InlineData(2, 65)]
    [InlineData(0, 65)]
    public void Bytes_without_a_valid_leading_byte_are_an_error(params int[] bytes)
    {
        var error = Assert.Throws<InvalidDataException>(() => Read<string>([.. bytes.Select(b => (byte)b)]));

        Assert.Equal(
            "The stored bytes are not a value of type 'System.String': they do not begin with the mark that distinguishes null from a value.",
            error.Message);
    }

    [Fact]
    public void Any_other_value_comes_back_through_JSON()
    {
        var values = ArbMap.Default.ArbFor<(int, double, Guid, DateTimeOffset, int[])>();

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(values, value =>
        {
            var read = Table.For<(int, double, Guid, DateTimeOffset, int[])>().Deserialize(Pieces.Halves(Bytes(value)));
            return (read.Item1, read.Item2, read.Item3, read.Item4) == (value.Item1, value.Item2, value.Item3, value.Item4)
                || (double.IsNaN(value.Item2) && double.IsNaN(read.Item2));
        }));
    }

    [Fact]
    public void A_copy_keeps_tuples_and_public_fields()
    {
        Assert.Equal((1, "a"), Read<(int, string)>(Bytes((1, "a"))));
        Assert.Equal(5, Read<WithField>(Bytes(new WithField { Count = 5 })).Count);
    }

    [Fact]
    public void A_copy_is_another_object()
    {
        var value = new List<string> { "a" };
        var read = Read<List<string>>(Bytes(value));

        Assert.Equal(value, read);
        Assert.NotSame(value, read);
    }

    [Fact]
    public void Bytes_that_are_no_JSON_are_an_error() => Assert.Throws<JsonException>(() => Read<int[]>([1, .. "[1,"u8]));

    [Fact]
    public void A_declared_hierarchy_keeps_its_types() =>
        Assert.IsType<Circle>(Read<Shape>(Bytes<Shape>(new Circle(2))));

    [Fact]
    public void A_type_that_JSON_would_turn_into_another_is_refused_before_anything_is_stored()
    {
        const string Why = "JSON does not contain the type of the object, so the object cannot be deserialized.";

        Assert.Equal(Message("System.Object", Why), Assert.Throws<NotSupportedException>(() => Bytes<object>(new MemoryStream())).Message);
        Assert.Equal(Message("System.IDisposable", Why), Assert.Throws<NotSupportedException>(() => Bytes<IDisposable>(new MemoryStream())).Message);
        Assert.Equal(Message("System.IO.Stream", Why), Assert.Throws<NotSupportedException>(() => Bytes<Stream>(new MemoryStream())).Message);
    }

    [Fact]
    public void The_error_of_a_type_that_JSON_cannot_write_names_the_type_and_the_remedy()
    {
        var codec = Table.For<WithCallback>();
        var error = Assert.Throws<NotSupportedException>(() => codec.Serialize(new WithCallback(() => { }), new ArrayBufferWriter<byte>()));

        Assert.Equal(Message(typeof(WithCallback).FullName!, error.InnerException!.Message), error.Message);
    }

    [Fact]
    public void The_error_of_a_type_that_JSON_cannot_read_names_the_type_and_the_remedy()
    {
        var error = Assert.Throws<NotSupportedException>(() => Read<TwoConstructors>([1, .. "{}"u8]));

        Assert.Equal(Message(typeof(TwoConstructors).FullName!, error.InnerException!.Message), error.Message);
    }

    private static string Message(string type, string why) =>
        $"A value of type '{type}' cannot be cached as JSON: {why} Register an IHybridCacheSerializer<T> for the type, "
        + "or, if the type is immutable, seal it and mark it [ImmutableObject(true)].";

    private static byte[] Bytes<T>(T value)
    {
        var target = new ArrayBufferWriter<byte>();
        Table.For<T>().Serialize(value, target);
        return target.WrittenSpan.ToArray();
    }

    private static T Read<T>(byte[] bytes) => Table.For<T>().Deserialize(new ReadOnlySequence<byte>(bytes));

    internal sealed class WithField
    {
        public int Count;
    }

    [JsonDerivedType(typeof(Circle), "circle")]
    internal abstract record Shape;

    internal sealed record Circle(int Radius) : Shape;

    internal sealed record WithCallback(Action Callback);

    internal sealed class TwoConstructors
    {
        public TwoConstructors(int a) => A = a;

        public TwoConstructors(string b) => A = b.Length;

        public int A { get; }
    }
}
