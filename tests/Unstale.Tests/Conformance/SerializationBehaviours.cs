using System.Text.Json;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using static Unstale.Tests.Conformance.Behaviour;
using static Unstale.Tests.Conformance.NoteSerializers;

namespace Unstale.Tests.Conformance;

/// <summary>Serializers and JSON options that the application registers.</summary>
internal static class SerializationBehaviours
{
    private const string ReadSucceeds = "The failure of a serializer does not fail a read in Unstale: the loaded value is returned and not cached.";

    public static Behaviour[] All { get; } =
    [
        Same("A serializer registered as IHybridCacheSerializer of the type", "the value is read as: serializer", static t =>
        {
            t.Registrations.AddSingleton<IHybridCacheSerializer<Note>>(new Marking("serializer"));
            return WrittenAsync(t);
        }),
        Same("A serializer factory", "the value is read as: factory", static t =>
        {
            t.Registrations.AddSingleton<IHybridCacheSerializerFactory>(new MarkingFactory("factory"));
            return WrittenAsync(t);
        }),
        Same("Two serializer factories", "the value is read as: last", static t =>
        {
            t.Registrations.AddSingleton<IHybridCacheSerializerFactory>(new MarkingFactory("first"));
            t.Registrations.AddSingleton<IHybridCacheSerializerFactory>(new MarkingFactory("last"));
            return WrittenAsync(t);
        }),
        Same("A serializer and a serializer factory", "the value is read as: serializer", static t =>
        {
            t.Registrations.AddSingleton<IHybridCacheSerializer<Note>>(new Marking("serializer"));
            t.Registrations.AddSingleton<IHybridCacheSerializerFactory>(new MarkingFactory("factory"));
            return WrittenAsync(t);
        }),
        Same("A serializer factory that declines the type", "the value is read as: text", static t =>
        {
            t.Registrations.AddSingleton<IHybridCacheSerializerFactory>(new Declining());
            return WrittenAsync(t);
        }),
        Differs(
            "A serializer for a value type",
            "is called",
            "is not called",
            "Unstale serializes a value that callers may share only for the second level.",
            static async t =>
            {
                var calls = new Counting();
                t.Registrations.AddSingleton<IHybridCacheSerializer<int>>(calls);
                await t.Cache.SetAsync("k", 7);
                await t.Cache.GetOrCreateAsync("k", static _ => new ValueTask<int>(8));
                return calls.Calls == 0 ? "is not called" : "is called";
            }),
        Differs("A serializer that throws on writing, in a read", "throws FormatException", "loads each time", ReadSucceeds,
            static t =>
            {
                t.Registrations.AddSingleton<IHybridCacheSerializer<Note>>(new Failing(onWrite: true));
                return ReadNoteAsync(t);
            }),
        Differs(
            "A serializer that throws on writing, in SetAsync",
            "returns",
            "throws FormatException",
            "Unstale reports that the value is not stored; Microsoft's implementation drops the exception and the value.",
            static async t =>
            {
                t.Registrations.AddSingleton<IHybridCacheSerializer<Note>>(new Failing(onWrite: true));
                await t.Cache.SetAsync("k", new Note());
                return "returns";
            }),
        Differs("A serializer that throws on reading, in a read", "throws FormatException", "loads each time", ReadSucceeds,
            static t =>
            {
                t.Registrations.AddSingleton<IHybridCacheSerializer<Note>>(new Failing(onWrite: false));
                return ReadNoteAsync(t);
            }),
        Same("JsonSerializerOptions with the key typeof(IHybridCacheSerializer<Note>)", "the value is read as: text, marked", static t =>
        {
            t.Registrations.AddKeyedSingleton<JsonSerializerOptions>(typeof(IHybridCacheSerializer<Note>), Marker());
            return WrittenAsync(t);
        }),
        Same("JsonSerializerOptions with the key typeof(IHybridCacheSerializer<>)", "the value is read as: text, marked", static t =>
        {
            t.Registrations.AddKeyedSingleton<JsonSerializerOptions>(typeof(IHybridCacheSerializer<>), Marker());
            return WrittenAsync(t);
        }),
        Same("JsonSerializerOptions without a key", "the value is read as: text", static t =>
        {
            t.Registrations.AddSingleton(Marker());
            return WrittenAsync(t);
        }),
    ];

    private static async Task<string> WrittenAsync(Trial t)
    {
        await t.Cache.SetAsync("k", new Note { Text = "text" });
        var read = await t.Cache.GetOrCreateAsync("k", static _ => new ValueTask<Note>(new Note { Text = "loaded" }));
        return $"the value is read as: {read.Text}";
    }

    private static async Task<string> ReadNoteAsync(Trial t)
    {
        var loads = 0;
        ValueTask<Note> LoadAsync(CancellationToken token) => new(new Note { Text = $"load {++loads}" });
        var first = (await t.Cache.GetOrCreateAsync("k", LoadAsync)).Text;
        return first == (await t.Cache.GetOrCreateAsync("k", LoadAsync)).Text ? "cached" : "loads each time";
    }

    /// <summary>JSON options that mark each text they read.</summary>
    private static JsonSerializerOptions Marker() => new() { Converters = { new MarkingConverter() } };
}
