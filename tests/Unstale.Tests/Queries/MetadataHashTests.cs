using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Queries;
using Xunit;

namespace Unstale.Tests.Queries;

/// <summary>Hashes of queries from JSON metadata, as an application that is compiled ahead of time computes them.</summary>
public sealed class MetadataHashTests
{
    private static readonly Part _part = new(new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), DayOfWeek.Monday, 1.50m);

    public static TheoryData<object> Hashed =>
    [
        new SearchQuery("grüße \"\\ \u0001 \uD83D", 2),
        All(new HashSet<string> { "b", "a" }),
        All(FrozenSet.Create("a", "b", "c")) with { Part = null, Name = "a", Time = TimeSpan.FromSeconds(1), Address = null },
        All(ImmutableSortedSet.Create("a")),
        new DerivedQuery(1, 2),
        new StructQuery(1, null),
        new Converted(DayOfWeek.Friday, null),
        new int[] { 2, 1 },
        new Linked(1) { Next = new Linked(2) },
    ];

    [Theory]
    [MemberData(nameof(Hashed))]
    public void A_query_has_the_same_hash_from_metadata_and_by_reflection_in_either_kind_of_application(object query)
    {
        var reflected = QueryHash.Of(query);
        Assert.Equal(reflected, QueryHash.Of(query, QueryJson.Default));
        Assert.Equal(reflected, HashAheadOfTime(query));
        Assert.Equal(reflected, QueryHash.Of(query, new DefaultJsonTypeInfoResolver()));
    }

    [Fact]
    public void Equal_sets_of_different_types_have_the_same_hash_and_other_members_have_another()
    {
        var hash = HashAheadOfTime(All(new HashSet<string> { "b", "a" }));
        Assert.Equal(hash, HashAheadOfTime(All(new SortedSet<string> { "a", "b" })));
        Assert.Equal(hash, HashAheadOfTime(All(new HashSet<string> { "a", "b" }) with { Trace = Guid.NewGuid() }));
        Assert.NotEqual(hash, HashAheadOfTime(All(new HashSet<string> { "a", "c" })));
        Assert.NotEqual(hash, HashAheadOfTime(All(new HashSet<string> { "a", "b" }) with { Name = "n" }));
    }

    [Fact]
    public void Every_set_of_the_framework_is_written_in_the_same_order_from_metadata_and_by_reflection()
    {
        var reflected = ReflectedTypes.Instance;
        var metadata = new MetadataTypes(QueryJson.Default, isReflectionWhole: false);
        var sets =
            from type in new[] { typeof(HashSet<>), typeof(SortedSet<>), typeof(FrozenSet), typeof(ImmutableArray) }.SelectMany(static one => one.Assembly.GetExportedTypes())
            where type is { IsInterface: false, ContainsGenericParameters: true } && type.GetGenericArguments().Length == 1
            where type.GetInterfaces().Any(static i => i.Name is "ISet`1" or "IReadOnlySet`1")
            select type.MakeGenericType(typeof(int));
        Assert.Contains(typeof(HashSet<int>), sets);
        Assert.All(sets, type =>
        {
            Assert.True(reflected.ShapeFor(type, typeof(IEnumerable<int>), out _)!.IsSet, $"{type} by reflection");
            Assert.True(metadata.ShapeFor(type, typeof(IEnumerable<int>), out _)!.IsSet, $"{type} from metadata");
        });
        Assert.False(metadata.ShapeFor(typeof(List<int>), typeof(IEnumerable<int>), out _)!.IsSet);
    }

    public static TheoryData<object, string> Refused => new()
    {
        { new PlainQuery(1), "Query: the JSON metadata does not contain 'Unstale.Tests.Queries.PlainQuery'; mark the JsonSerializerContext with [JsonSerializable(typeof(PlainQuery))]." },
        { new Computed(1), "Query: the JSON metadata does not show whether 'Double' is state; mark a computed property with [JsonIgnore], or make the member an automatic property with a public setter, an init accessor or a constructor parameter." },
        { new Captured(1, "a"), "Query: a parameter of the constructor of 'Unstale.Tests.Queries.Captured' has no property of the same name, so its value may be missing in the JSON metadata." },
        { new Empty(), "Query: the JSON metadata of 'Unstale.Tests.Queries.Empty' has no members, so all its values would have the same hash." },
        { new Converted(DayOfWeek.Friday, new WithConverter(1)), "Query.Inner: 'Unstale.Tests.Queries.WithConverter' has a JSON converter of its own, so its metadata has no members." },
        { new Loose(1, null, null), "Query.Any: the declared type is 'System.Object' but the value is a 'System.Int32', whose type is not part of the hash." },
        { new Loose(null, ["a"], null), "Query.Many.[]: the declared type is 'System.Object' but the value is a 'System.String', whose type is not part of the hash." },
        { new Loose(new[] { 1 }, null, null), "Query.Any: the declared type is 'System.Object' but the value is a 'System.Int32[]', whose type is not part of the hash." },
        { new Loose(null, null, new Dictionary<string, int> { ["a"] = 1 }), "Query.Pairs.[]: 'System.Collections.Generic.KeyValuePair`2[System.String,System.Int32]' is not plain data." },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_query_that_metadata_does_not_distinguish_is_refused_in_either_kind_of_application(object query, string why)
    {
        var message = $"The query '{query.GetType()}' cannot be hashed for its key. {why} Implement ICacheableQuery with a key, or mark members that do not affect the result with [JsonIgnore].";
        Assert.Equal(message, Assert.Throws<InvalidOperationException>(() => QueryHash.Of(query, QueryJson.Default)).Message);
        Assert.Equal(message, Assert.Throws<InvalidOperationException>(() => HashAheadOfTime(query)).Message);
    }

    [Fact]
    public void State_that_metadata_hides_is_found_where_reflection_is_complete()
    {
        Assert.Contains(
            "Query: the state '_id' is not in the JSON metadata; make it an automatic property with a public setter, an init accessor or a constructor parameter.",
            Assert.Throws<InvalidOperationException>(static () => QueryHash.Of(new Hidden().With(1), QueryJson.Default)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "Query: the JSON metadata does not show whether 'Other' is state;",
            Assert.Throws<InvalidOperationException>(static () => QueryHash.Of(new ComputedWithSetter(1), QueryJson.Default)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_circle_is_refused()
    {
        var circle = new Linked(1);
        circle.Next = circle;
        Assert.Contains("Query.Next: the value contains itself.", Assert.Throws<InvalidOperationException>(() => HashAheadOfTime(circle)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_query_can_compute_its_key_from_its_own_metadata_and_a_key_that_is_not_ignored_is_refused()
    {
        Assert.Equal($"own:{QueryHash.Of(new SameMembers(7))}", new KeyedByHash(7).CacheKey);
        Assert.Contains("whether 'CacheKey' is state", Assert.Throws<InvalidOperationException>(static () => new KeyedByItself(7).CacheKey).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_query_cache_with_metadata_has_the_keys_of_one_without_and_refuses_queries_without_metadata()
    {
        await using var without = new QueriesUnderTest();
        await using var with = new QueriesUnderTest(static b => b.Services.Configure<QueryCacheOptions>(b.Name, static o => (o.JsonTypeInfoResolver, o.CacheAllQueries) = (QueryJson.Default, true)));
        Assert.Equal(without.Queries.KeyOf(new SearchQuery("a", 2)), with.Queries.KeyOf(new SearchQuery("a", 2)));
        Assert.Contains("[JsonSerializable(typeof(PlainQuery))]", Assert.Throws<InvalidOperationException>(() => with.Queries.KeyOf(new PlainQuery(1))).Message, StringComparison.Ordinal);
    }

    private static string HashAheadOfTime(object query) => QueryHash.Of(query, new MetadataTypes(QueryJson.Default, isReflectionWhole: false));

    private static Everything All(IReadOnlySet<string> set) => new(
        _part, [3, 1], new() { ["b"] = 2, ["a"] = 1 }, set, new SortedDictionary<int, Part> { [9] = _part, [10] = _part }, (1, "a"), Guid.Empty, new("http://a/%41"), [1, 2], [[1], [2, 3]]);

    private sealed record SameMembers(int Id);
}
