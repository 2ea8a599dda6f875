using Microsoft.Extensions.Caching.Hybrid;
using static Unstale.Tests.Conformance.Behaviour;
using static Unstale.Tests.Conformance.ValueShapes;

namespace Unstale.Tests.Conformance;

/// <summary>Types and sizes of values, and instances that callers share.</summary>
internal static class ValueBehaviours
{
    private const string Unshared = "Unstale serializes a value that callers may share only for the second level; Microsoft's implementation serializes each value, for the size.";
    private const string Changed = "Unstale compares each value with the copy that is read back, and does not cache a value that JSON changes.";
    private const string Unserializable = "Unstale returns a value that cannot be serialized to the caller and does not cache the value.";
    private const string Limit = "Unstale applies MaximumPayloadBytes to memory too; Microsoft's implementation applies the limit to the second level only.";

    private const int TooManyBytes = (1024 * 1024) + 1;

    private static readonly string TooLarge = new('v', TooManyBytes);

    public static Behaviour[] All { get; } =
    [
        Same("A null string", "cached", static t => LoadedAsync<string?>(t, static () => null, static value => value is null)),
        Same("A null of a class", "cached", static t => LoadedAsync<Basket?>(t, static () => null, static value => value is null)),
        Same("A number of a nullable value type", "cached", static t => LoadedAsync<int?>(t, static () => 7, static value => value == 7)),
        Same("A null of a nullable value type", "cached", static t => LoadedAsync<int?>(t, static () => null, static value => value is null)),
        Same("SetAsync with the value null", "null is cached", static async t =>
        {
            await t.Cache.SetAsync<string?>("k", null);
            return await t.ReadAsync("k") ?? "null is cached";
        }),
        Same("The default value of a value type", "cached", static t => LoadedAsync(t, static () => 0, static value => value == 0)),
        Same("A Guid", "cached", static t => LoadedAsync(t, static () => Guid.Empty, static value => value == Guid.Empty)),
        Same("A DateTimeOffset", "cached", static t => LoadedAsync(t, static () => DateTimeOffset.UnixEpoch, static value => value == DateTimeOffset.UnixEpoch)),
        Same("An enumeration", "cached", static t => LoadedAsync(t, static () => DayOfWeek.Friday, static value => value == DayOfWeek.Friday)),
        Differs("A double that is not a number", "throws ArgumentException", "cached", Unshared,
            static t => LoadedAsync(t, static () => double.NaN, double.IsNaN)),
        Same("A string with an unpaired surrogate", "cached", static t => LoadedAsync(t, static () => "v\ud800", static value => value == "v\ud800")),
        Same("An empty string", "cached", static t => LoadedAsync(t, static () => "", static value => value.Length == 0)),
        Same("A tuple of a number and a string", "cached", static t => LoadedAsync(t, static () => (Id: 7, Name: "seven"), static value => value == (7, "seven"))),
        Same("A structure with a reference", "cached", static t => LoadedAsync(t, static () => new Line(7, "seven"), static value => value == new Line(7, "seven"))),
        Same("A record", "cached", static t => LoadedAsync(t, static () => new Order(7, "seven"), static value => value == new Order(7, "seven"))),
        Same("A list", "cached", static t => LoadedAsync(t, static () => new List<int> { 7 }, static value => value is [7])),
        Same("A list as IReadOnlyList", "cached", static t => LoadedAsync<IReadOnlyList<int>>(t, static () => [7], static value => value is [7])),
        Same("A lazily evaluated IEnumerable", "cached", static t => LoadedAsync(t, static () => Enumerable.Range(7, 1), static value => value.Single() == 7)),
        Same("A dictionary", "cached", static t => LoadedAsync(t, static () => new Dictionary<string, int> { ["a"] = 7 }, static value => value["a"] == 7)),
        Same("An array of bytes", "cached", static t => LoadedAsync(t, static () => "bytes"u8.ToArray(), static value => value.AsSpan().SequenceEqual("bytes"u8))),
        Differs("A string as object", "cached, changed for both callers", "loads each time", Changed,
            static t => LoadedAsync<object>(t, static () => "text", static value => value is string)),
        Differs(
            "A derived class as its base class",
            "cached, changed for both callers",
            "loads each time",
            Changed,
            static t => LoadedAsync<Basket>(t, static () => new GiftBasket { Note = "n" }, static value => value is GiftBasket)),
        Same("A derived class as its base class with the attribute JsonDerivedType", "cached",
            static t => LoadedAsync<Shape>(t, static () => new Circle { Radius = 7 }, static value => value is Circle)),
        Same("A class with a property that JSON leaves out", "cached, changed for both callers",
            static t => LoadedAsync(t, static () => new Secretive { Secret = "s" }, static value => value.Secret == "s")),
        Differs("A class with a private setter", "cached, changed for both callers", "loads each time", Changed,
            static t => LoadedAsync(t, static () => PrivatelySet.Of(7), static value => value.Number == 7)),
        Same("A class with a field only", "cached", static t => LoadedAsync(t, static () => new FieldOnly { Number = 7 }, static value => value.Number == 7)),
        Differs(
            "A class with a public field beside a property",
            "cached, changed for both callers",
            "cached",
            "Unstale includes public fields in JSON.",
            static t => LoadedAsync(t, static () => new FieldBeside { Number = 7, Name = "seven" }, static value => value.Number == 7)),
        Differs("A class without a constructor for JSON", "throws InvalidOperationException", "loads each time", Unserializable,
            static t => LoadedAsync(t, static () => new Closed(7, 8), static _ => true)),
        Differs("An object that refers to itself", "throws JsonException", "loads each time", Unserializable,
            static t => LoadedAsync(t, Ring.Make, static value => value.Next == value)),
        Differs("A delegate", "throws NotSupportedException", "loads each time", Unserializable,
            static t => LoadedAsync<Func<int>>(t, static () => static () => 7, static value => value() == 7)),
        Differs("A stream", "throws InvalidOperationException", "loads each time", Unserializable,
            static t => LoadedAsync<Stream>(t, static () => new MemoryStream([7]), static value => value.ReadByte() == 7)),
        Differs("A sealed type marked immutable that JSON cannot represent", "throws NotSupportedException", "cached", Unshared,
            static t => LoadedAsync(t, static () => new Handle(static () => 7), static value => value.Run() == 7)),
        Differs(
            "SetAsync with an object that refers to itself",
            "returns, keeps the old value",
            "throws JsonException, removes the old value",
            "Unstale removes the old value and throws; Microsoft's implementation drops the exception and the new value.",
            static async t =>
            {
                await t.Cache.SetAsync("k", new Ring());
                var outcome = await Outcome.OfAsync(() => t.Cache.SetAsync("k", Ring.Make()));
                var read = await t.Cache.GetOrCreateAsync("k", static _ => new ValueTask<Ring?>((Ring?)null));
                return $"{outcome}, {(read is null ? "removes" : "keeps")} the old value";
            }),

        Same("A string, read twice", "one instance for all callers", static t => SharedAsync(t, static () => new string('v', 3))),
        Same("A class, read twice", "an instance for each caller", static t => SharedAsync(t, static () => new Basket())),
        Same("A record, read twice", "an instance for each caller", static t => SharedAsync(t, static () => new Order(7, "seven"))),
        Same("An array of bytes, read twice", "an instance for each caller", static t => SharedAsync(t, static () => new byte[3])),
        Same("A sealed type marked immutable, read twice", "one instance for all callers", static t => SharedAsync(t, static () => new Price { Amount = 7 })),
        Same("An unsealed type marked immutable, read twice", "an instance for each caller", static t => SharedAsync(t, static () => new OpenPrice { Amount = 7 })),
        Same("A sealed type with the attribute ImmutableObject(false), read twice", "an instance for each caller",
            static t => SharedAsync(t, static () => new MutablePrice { Amount = 7 })),
        Same("The instance of a mutable class that the factory returned", "the caller receives a copy", static async t =>
        {
            var made = new Basket();
            var read = await t.Cache.GetOrCreateAsync("k", _ => new ValueTask<Basket>(made));
            return ReferenceEquals(made, read) ? "the caller receives the instance" : "the caller receives a copy";
        }),
        Same("A change that the caller of the load makes to a mutable value", "other callers do not see the change",
            static t => ChangeAsync(t, static async (cache, key) => await cache.GetOrCreateAsync(key, static _ => new ValueTask<Basket>(new Basket())))),
        Same("A change that the caller of SetAsync makes to a mutable value", "other callers do not see the change",
            static t => ChangeAsync(t, static async (cache, key) =>
            {
                var basket = new Basket();
                await cache.SetAsync(key, basket);
                return basket;
            })),
        Same("Callers that wait for one load of a mutable value", "3 instances for 3 callers", static async t =>
        {
            var load = new GatedLoad<Basket>(new Basket());
            var reads = Enumerable.Range(0, 3).Select(_ => t.Cache.GetOrCreateAsync("k", load.RunAsync).AsTask()).ToArray();
            load.Release();
            var baskets = await Task.WhenAll(reads);
            return $"{baskets.Distinct(ReferenceEqualityComparer.Instance).Count()} instances for 3 callers";
        }),

        Differs("A read of a string above MaximumPayloadBytes", "cached", "loads each time", Limit,
            static t => LoadedAsync(t, static () => TooLarge, static value => value.Length == TooManyBytes)),
        Differs("A read of an array of bytes above MaximumPayloadBytes", "cached", "loads each time", Limit,
            static t => LoadedAsync(t, static () => new byte[TooManyBytes], static value => value.Length == TooManyBytes)),
        Differs("A read of a mutable class above MaximumPayloadBytes", "cached", "loads each time", Limit,
            static t => LoadedAsync(t, static () => new Basket { Note = TooLarge }, static value => value.Note!.Length == TooManyBytes)),
        Differs(
            "A change that a caller makes to a mutable value above MaximumPayloadBytes",
            "other callers see: changed",
            "other callers see: loaded again",
            "Unstale does not cache the value; Microsoft's implementation caches the object itself if the serialized form is too large.",
            static t => ChangeAsync(t, static async (cache, key) =>
            {
                var basket = new Basket { Image = new byte[TooManyBytes] };
                await cache.SetAsync(key, basket);
                return basket;
            })),
        Differs("SetAsync with a string above MaximumPayloadBytes", "cached", "not cached", Limit,
            static async t =>
            {
                await t.Cache.SetAsync("k", TooLarge);
                return await t.PeekAsync("k") is null ? "not cached" : "cached";
            }),
        Differs(
            "SetAsync with an array of bytes above MaximumPayloadBytes, for a key that is cached",
            "caches the new value",
            "removes the old value",
            Limit,
            static async t =>
            {
                await t.Cache.SetAsync("k", new byte[7]);
                await t.Cache.SetAsync("k", new byte[TooManyBytes]);
                return (await t.Cache.GetOrCreateAsync("k", static _ => new ValueTask<byte[]>([]))).Length switch
                {
                    7 => "keeps the old value",
                    TooManyBytes => "caches the new value",
                    _ => "removes the old value",
                };
            }),

        Same("A key set as string and read as number", "loads", static t => RetypedAsync<string, int>(t, "7", 8)),
        Same("A key set as number and read as a wider number", "loads", static t => RetypedAsync<int, long>(t, 7, 8)),
        Same("A key set as number and read as nullable number", "loads", static t => RetypedAsync<int, int?>(t, 7, 8)),
        Same("A key set as string and read as object", "loads", static t => RetypedAsync<string, object>(t, "7", "8")),
        Same("A key set as derived class and read as base class", "loads",
            static t => RetypedAsync<GiftBasket, Basket>(t, new GiftBasket { Note = "set" }, new Basket { Note = "load" })),
        Same("A key read as two types in turn", "the last type replaces the entry", static async t =>
        {
            await t.Cache.GetOrCreateAsync("k", static _ => new ValueTask<int>(7));
            await t.ReadAsync("k");
            return (await t.Cache.GetOrCreateAsync("k", static _ => new ValueTask<int>(8))) == 7 ? "one entry for each type" : "the last type replaces the entry";
        }),
    ];

    private static async Task<string> LoadedAsync<T>(Trial t, Func<T> make, Func<T, bool> isSame)
    {
        var loads = 0;
        ValueTask<T> LoadAsync(CancellationToken token)
        {
            loads++;
            return new(make());
        }

        var first = await t.Cache.GetOrCreateAsync("k", LoadAsync);
        var second = await t.Cache.GetOrCreateAsync("k", LoadAsync);
        var change = (isSame(first), isSame(second)) switch
        {
            (true, true) => "",
            (true, false) => ", changed for the second caller",
            (false, true) => ", changed for the first caller",
            _ => ", changed for both callers",
        };
        return $"{(loads == 1 ? "cached" : "loads each time")}{change}";
    }

    private static async Task<string> SharedAsync<T>(Trial t, Func<T> make)
        where T : class
    {
        await t.Cache.SetAsync("k", make());
        var one = await t.Cache.GetOrCreateAsync("k", static _ => new ValueTask<T?>((T?)null));
        var other = await t.Cache.GetOrCreateAsync("k", static _ => new ValueTask<T?>((T?)null));
        if (one is null)
            return "not cached";
        return ReferenceEquals(one, other) ? "one instance for all callers" : "an instance for each caller";
    }

    private static async Task<string> ChangeAsync(Trial t, Func<HybridCache, string, Task<Basket>> store)
    {
        var basket = await store(t.Cache, "k");
        basket.Note = "changed";
        var read = await t.Cache.GetOrCreateAsync("k", static _ => new ValueTask<Basket>(new Basket { Note = "loaded again" }));
        return read.Note is null ? "other callers do not see the change" : $"other callers see: {read.Note}";
    }

    private static async Task<string> RetypedAsync<TSet, TRead>(Trial t, TSet set, TRead loaded)
    {
        await t.Cache.SetAsync("k", set);
        var loads = 0;
        await t.Cache.GetOrCreateAsync("k", _ =>
        {
            loads++;
            return new ValueTask<TRead>(loaded);
        });
        return loads == 0 ? "cached" : "loads";
    }
}
