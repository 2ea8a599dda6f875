using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Unstale.Values;

namespace Unstale.Remote;

/// <summary>Contract of all JSON codecs. Refuses to write a value that JSON would change without an error.</summary>
internal static class JsonContracts
{
    private const string TypeIsLost = "JSON does not contain the type of the object, so the object cannot be deserialized.";
    private const string StateIsHidden = "The type has state but no member that JSON includes.";

    /// <summary>Options of all JSON codecs. Fields are included, because a tuple has nothing else and a copy without fields would be another value.</summary>
    public static readonly JsonSerializerOptions Options = new()
    {
        IncludeFields = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new ObjectConverter() },
        TypeInfoResolver = Resolver(given: null),
    };

    /// <summary>
    /// Returns JSON options of the application with the checks added, so that a value is refused rather than changed. Converters of the application take
    /// precedence.
    /// </summary>
    public static JsonSerializerOptions Checked(JsonSerializerOptions options)
    {
        var own = new JsonSerializerOptions(options) { TypeInfoResolver = Resolver(options.TypeInfoResolver) };
        own.Converters.Add(new ObjectConverter());
        return own;
    }

    /// <summary>Returns the reason why no value of the type can be stored; null if this depends on the value.</summary>
    public static string? RefusalOf(JsonTypeInfo type) => type switch
    {
        _ when type.Type == typeof(object) => TypeIsLost,
        { Kind: JsonTypeInfoKind.Object, Type.IsAbstract: true, PolymorphismOptions: null } => TypeIsLost,
        _ => null,
    };

    public static bool AreEqual(ReadOnlySpan<byte> json, ReadOnlySpan<byte> other)
    {
        var first = new Utf8JsonReader(json);
        var second = new Utf8JsonReader(other);
        return JsonElement.DeepEquals(JsonElement.ParseValue(ref first), JsonElement.ParseValue(ref second));
    }

    /// <summary>Returns the metadata of the application, then that of simple values. Without metadata of the application, types are read by reflection where possible.</summary>
    private static IJsonTypeInfoResolver Resolver(IJsonTypeInfoResolver? given)
    {
        if (given is null && WholeReflection.IsAvailable)
            return new DefaultJsonTypeInfoResolver { Modifiers = { Guard } };
        return JsonTypeInfoResolver.Combine(given, SimpleValues.Instance).WithAddedModifier(Guard);
    }

    /// <summary>Adds a check of each written object: an object of a derived type would be read back as the declared base type.</summary>
    private static void Guard(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
            return;
        PreserveKind(type);
        var declared = type.Type;
        var before = type.OnSerializing;
        if (type.Properties.Count == 0 && !declared.IsAbstract && MayHaveState(declared))
            type.OnSerializing = static _ => throw new NotSupportedException(StateIsHidden);
        else if (!declared.IsSealed)
        {
            type.OnSerializing = value =>
            {
                if (value.GetType() != declared)
                    throw new NotSupportedException($"A member declared as {declared} contains a {value.GetType()}. {TypeIsLost}");
                before?.Invoke(value);
            };
        }
    }

    /// <summary>Removes derived types declared without a discriminator, which would be written as themselves and read back as the base type.</summary>
    private static void PreserveKind(JsonTypeInfo type)
    {
        if (type.PolymorphismOptions is not { } polymorphism)
            return;
        for (var i = polymorphism.DerivedTypes.Count - 1; i >= 0; i--)
        {
            if (polymorphism.DerivedTypes[i].TypeDiscriminator is null)
                polymorphism.DerivedTypes.RemoveAt(i);
        }

        if (polymorphism.DerivedTypes.Count == 0)
            type.PolymorphismOptions = null;
    }

    private static bool MayHaveState(Type type) => !WholeReflection.IsAvailable || HasState(type);

    [RequiresUnreferencedCode("Fields may be trimmed.")]
    private static bool HasState(Type? type)
    {
        for (; type is not null && type != typeof(object) && type != typeof(ValueType); type = type.BaseType)
        {
            if (type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly).Length > 0)
                return true;
        }

        return false;
    }

    /// <summary>Converter for members declared as <see cref="object"/>, which are read back as JSON elements. Refuses to write any other value.</summary>
    private sealed class ObjectConverter : JsonConverter<object>
    {
        public override object Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => JsonElement.ParseValue(ref reader);

        public override void Write(Utf8JsonWriter writer, object value, JsonSerializerOptions options)
        {
            if (value is not JsonElement element)
                throw new NotSupportedException($"A member declared as object contains a {value.GetType()}. {TypeIsLost}");
            element.WriteTo(writer);
        }
    }
}
