using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Remote;
using Xunit;

namespace Unstale.Tests.Remote;

/// <summary>JSON codecs whose metadata the application provides, as an application that is compiled ahead of time needs them.</summary>
public sealed partial class MetadataCodecTests
{
    [Fact]
    public void Simple_values_need_no_metadata_and_are_written_as_without_options()
    {
        Same(true);
        Same((byte)1);
        Same((sbyte)-1);
        Same((short)-2);
        Same((ushort)2);
        Same(-3);
        Same(3u);
        Same(-4L);
        Same(4UL);
        Same(0.5f);
        Same(0.25);
        Same(1.50m);
        Same('x');
        Same(Guid.NewGuid());
        Same(new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc));
        Same(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)));
        Same(new DateOnly(2026, 1, 2));
        Same(new TimeOnly(3, 4, 5));
        Same(TimeSpan.FromSeconds(90));
        Assert.Equal(Written(new CodecTable(null), new Uri("http://a/b")), Written(Table(), new Uri("http://a/b")));
    }

    [Fact]
    public void A_type_without_metadata_is_refused_with_the_type_and_the_remedy()
    {
        var refused = Assert.Throws<NotSupportedException>(static () => Written(Table(), new Undeclared("a")));
        Assert.Equal(
            $"A value of type '{typeof(Undeclared)}' cannot be cached as JSON: the application has no JSON metadata for the type. "
            + "Mark a JsonSerializerContext with [JsonSerializable(typeof(Undeclared))] and set the context with AddUnstale().WithJsonSerializerOptions(new JsonSerializerOptions { TypeInfoResolver = context }). "
            + "Register an IHybridCacheSerializer<T> for the type, or, if the type is immutable, seal it and mark it [ImmutableObject(true)].",
            refused.Message);
    }

    [Fact]
    public void Generated_metadata_does_not_disable_the_check_for_lost_types()
    {
        var table = Table();
        Assert.Equal("{\"Inner\":{\"Name\":\"a\"}}", Written(table, new Outer(new Base { Name = "a" })));
        Assert.Contains("JSON does not contain the type of the object", Assert.Throws<NotSupportedException>(() => Written(table, new Outer(new Derived()))).Message, StringComparison.Ordinal);
        Assert.Contains("A member declared as object contains a System.Int32", Assert.Throws<NotSupportedException>(() => Written(table, new Outer(null) { Any = 1 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Converters_of_the_application_write_simple_values_too()
    {
        var table = Table(new JsonSerializerOptions { TypeInfoResolver = Metadata.Default, Converters = { new JsonStringEnumConverter<DayOfWeek>(), new Minutes() } });
        Assert.Equal("2", Written(table, TimeSpan.FromMinutes(2)));
        Assert.Equal("2", Written<TimeSpan?>(table, TimeSpan.FromMinutes(2)));
    }

    [Fact]
    public void Options_without_metadata_are_completed_by_reflection() => Assert.Equal("{\"text\":\"a\"}", Written(Table(new JsonSerializerOptions(JsonSerializerDefaults.Web)), new Undeclared("a")));

    private static CodecTable Table(JsonSerializerOptions? options = null) => new(new ServiceCollection()
        .AddKeyedSingleton<JsonSerializerOptions>(typeof(IHybridCacheSerializer<>), options ?? new JsonSerializerOptions { TypeInfoResolver = Metadata.Default })
        .BuildServiceProvider());

    private static void Same<T>(T value)
        where T : struct
    {
        var (plain, declared) = (new CodecTable(null), Table());
        Assert.Equal(Written(plain, value), Written(declared, value));
        Assert.Equal(Written<T?>(plain, value), Written<T?>(declared, value));
        Assert.Equal(value, Read<T>(declared, value));
        Assert.Equal(value, Read<T?>(declared, value));
        Assert.Null(Read<T?>(declared, null));
    }

    private static T Read<T>(CodecTable table, T value)
    {
        var target = new ArrayBufferWriter<byte>();
        table.For<T>().Serialize(value, target);
        return table.For<T>().Deserialize(new ReadOnlySequence<byte>(target.WrittenMemory));
    }

    private static string Written<T>(CodecTable table, T value)
    {
        var target = new ArrayBufferWriter<byte>();
        table.For<T>().Serialize(value, target);
        return System.Text.Encoding.UTF8.GetString(target.WrittenSpan[(default(T) is null ? 1 : 0)..]);
    }

    internal sealed record Undeclared(string Text);

    internal class Base
    {
        public string Name { get; set; } = "";
    }

    internal sealed class Derived : Base;

    internal sealed record Outer(Base? Inner)
    {
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public object? Any { get; init; }
    }

    internal sealed class Minutes : JsonConverter<TimeSpan>
    {
        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => TimeSpan.FromMinutes(reader.GetInt32());

        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteNumberValue((int)value.TotalMinutes);
    }

    [JsonSerializable(typeof(Outer))]
    internal sealed partial class Metadata : JsonSerializerContext;
}
