using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Caching.Hybrid;

namespace Unstale.Tests.Conformance;

/// <summary>A type of values, and serializers that leave a mark in each value they read.</summary>
internal static class NoteSerializers
{
    internal sealed class Note
    {
        public string? Text { get; set; }
    }

    internal sealed class Marking(string name) : IHybridCacheSerializer<Note>
    {
        public Note Deserialize(ReadOnlySequence<byte> source) => new() { Text = name };

        public void Serialize(Note value, IBufferWriter<byte> target) => target.Write("x"u8);
    }

    internal sealed class MarkingFactory(string name) : IHybridCacheSerializerFactory
    {
        public bool TryCreateSerializer<T>([NotNullWhen(true)] out IHybridCacheSerializer<T>? serializer)
        {
            serializer = new Marking(name) as IHybridCacheSerializer<T>;
            return serializer is not null;
        }
    }

    internal sealed class Declining : IHybridCacheSerializerFactory
    {
        public bool TryCreateSerializer<T>([NotNullWhen(true)] out IHybridCacheSerializer<T>? serializer)
        {
            serializer = null;
            return false;
        }
    }

    internal sealed class Counting : IHybridCacheSerializer<int>
    {
        public int Calls { get; private set; }

        public int Deserialize(ReadOnlySequence<byte> source)
        {
            Calls++;
            return int.Parse(Encoding.UTF8.GetString(source));
        }

        public void Serialize(int value, IBufferWriter<byte> target)
        {
            Calls++;
            target.Write(Encoding.UTF8.GetBytes($"{value}"));
        }
    }

    internal sealed class Failing(bool onWrite) : IHybridCacheSerializer<Note>
    {
        public Note Deserialize(ReadOnlySequence<byte> source) => throw new FormatException();

        public void Serialize(Note value, IBufferWriter<byte> target)
        {
            if (onWrite)
                throw new FormatException();
            target.Write("x"u8);
        }
    }

    internal sealed class MarkingConverter : JsonConverter<string>
    {
        private const string Mark = ", marked";

        public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString() + Mark;

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.Replace(Mark, "", StringComparison.Ordinal));
    }
}
