using System.Text.Json;
using System.Text.Json.Serialization;

namespace Unstale;

/// <summary>
/// Converts a value to and from a JSON string, in the form of its <see cref="object.ToString"/> and <see cref="IParsable{TSelf}.Parse"/>. In effect for
/// <see cref="LogPosition"/>, <see cref="LogPositions"/> and <see cref="Generation"/> without registration, also as keys of a dictionary. Public for
/// source-generated serialization; applications need not use the type.
/// </summary>
/// <typeparam name="T">Type of the value.</typeparam>
public sealed class TextJsonConverter<T> : JsonConverter<T>
    where T : IParsable<T>
{
    /// <summary>Reads a string.</summary>
    /// <inheritdoc/>
    /// <exception cref="JsonException">The token is no string, or the string is no text of this type.</exception>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? Parse(reader.GetString()) : throw new JsonException();

    /// <summary>Writes a string.</summary>
    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(value.ToString());
    }

    /// <summary>Reads a key of a dictionary.</summary>
    /// <inheritdoc/>
    /// <exception cref="JsonException">The key is no text of this type.</exception>
    public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Parse(reader.GetString());

    /// <summary>Writes a key of a dictionary.</summary>
    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WritePropertyName(value.ToString()!);
    }

    // An exception without a message: the serializer writes one with the type and the path.
    private static T Parse(string? text) => T.TryParse(text, null, out var value) ? value : throw new JsonException();
}
