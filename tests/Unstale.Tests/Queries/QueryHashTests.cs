using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Unstale.Queries;
using Xunit;

namespace Unstale.Tests.Queries;

public sealed class QueryHashTests
{
    [Fact]
    public void Hashes_of_queries_equal_the_golden_values()
    {
        Assert.Equal(Golden["{\"Page\":2,\"Text\":\"a\"}"], QueryHash.Of(new SearchQuery("a", 2)));
        Assert.Equal(Golden["nulls"], QueryHash.Of(new Wide(null, [], [], null)));
        Assert.Equal(
            Golden["wide"],
            QueryHash.Of(new Wide(new Filter(new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), DayOfWeek.Monday, 1.50m), [3, 1], new() { ["b"] = 2, ["a"] = 1 }, 1.000m)));
        Assert.Equal(Golden["text"], QueryHash.Of(new SearchQuery("grüße \"\\ \u0001 \U0001F600 \uD83D", 2)));
    }

    private static Dictionary<string, string> Golden { get; } = new()
    {
        ["{\"Page\":2,\"Text\":\"a\"}"] = "e919ca7ded5d5d0160cfd383965702b4",
        ["text"] = "9a46dd6650420f2e02fa9ee7dc09ebef",
        ["nulls"] = "dfa0ec2d99a43d3ac31866db751c6f90",
        ["wide"] = "200976b6b704ce97bcd0a4cfc6add633",
    };

    [Theory]
    [InlineData("a", "\"a\"")]
    [InlineData('"', "\"\\\"\"")]
    [InlineData(true, "true")]
    [InlineData(-5, "-5")]
    [InlineData(long.MinValue, "-9223372036854775808")]
    [InlineData(0.1, "0.1")]
    [InlineData(-0.0, "0")]
    [InlineData(1e300, "1E+300")]
    [InlineData(double.NaN, "\"NaN\"")]
    [InlineData(double.NegativeInfinity, "\"-Infinity\"")]
    [InlineData(0.1f, "0.1")]
    [InlineData(DayOfWeek.Friday, "\"Friday\"")]
    [InlineData((DayOfWeek)9, "\"9\"")]
    [InlineData(new byte[] { 1, 2, 3 }, "\"AQID\"")]
    [InlineData(new[] { "b", "a" }, "[\"b\",\"a\"]")]
    [InlineData(null, "null")]
    public void Each_member_value_has_one_text_in_the_hashed_query(object? value, string text) => Assert.Equal(Hash($$"""{"Value":{{text}}}"""), HashOf(value));

    [Theory]
    [InlineData("de-DE")]
    [InlineData("tr-TR")]
    [InlineData("ar-SA")]
    public void The_hash_of_a_query_does_not_depend_on_the_culture(string culture)
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = Foreign(culture);
            Hashes_of_queries_equal_the_golden_values();
            Assert.Equal(Hash("""{"Value":-1234567.5}"""), QueryHash.Of(new Holding<double>(-1234567.5)));
            Assert.Equal(Hash("""{"Value":"2026-02-03"}"""), QueryHash.Of(new Holding<DateOnly>(new(2026, 2, 3))));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Equal_numbers_and_collections_in_another_order_have_equal_hashes()
    {
        Assert.Equal(QueryHash.Of(new Holding<decimal>(1.0m)), QueryHash.Of(new Holding<decimal>(1.0000m)));
        Assert.Equal(QueryHash.Of(new Holding<decimal>(0m)), QueryHash.Of(new Holding<decimal>(-0.00m)));
        Assert.NotEqual(QueryHash.Of(new Holding<decimal>(decimal.MaxValue)), QueryHash.Of(new Holding<decimal>(decimal.MaxValue - 1)));
        Assert.Equal(QueryHash.Of(new Order1(1, 2)), QueryHash.Of(new Order2(2, 1)));
        Assert.Equal(
            QueryHash.Of(new Holding<IDictionary<int, string>>(new Dictionary<int, string> { [10] = "a", [9] = "b" })),
            QueryHash.Of(new Holding<IDictionary<int, string>>(new SortedDictionary<int, string> { [9] = "b", [10] = "a" })));
        Assert.Equal(QueryHash.Of(new Holding<ISet<int>>(new HashSet<int> { 3, 1, 2 })), QueryHash.Of(new Holding<ISet<int>>(new SortedSet<int> { 1, 2, 3 })));
        Assert.Equal(QueryHash.Of(new Holding<IReadOnlyList<int>>([1, 2])), QueryHash.Of(new Holding<IReadOnlyList<int>>(ImmutableArray.Create(1, 2))));
        Assert.Equal(
            QueryHash.Of(new Holding<IReadOnlyDictionary<string, int>>(new ConcurrentDictionary<string, int> { ["b"] = 1, ["a"] = 2 })),
            QueryHash.Of(new Holding<IReadOnlyDictionary<string, int>>(ImmutableDictionary<string, int>.Empty.Add("a", 2).Add("b", 1))));
    }

    [Fact]
    public void Queries_that_differ_in_a_significant_value_have_different_hashes()
    {
        object[] queries =
        [
            new Holding<string>("1"), new Holding<int>(1), new Holding<string?>(null), new Holding<string>("null"), new Holding<string>(""), new Holding<char>('x'),
            new Holding<int[]>([1, 2]), new Holding<int[]>([2, 1]), new Holding<int[][]>([[1], [2]]), new Holding<int[][]>([[1, 2]]), new Holding<int[]?>([]),
            new Holding<Dictionary<string, int>>(new() { ["1"] = 2 }), new Holding<(int, int)>((1, 2)), new Holding<(int, int)>((2, 1)),
            new Holding<DateTime>(new(1, DateTimeKind.Utc)), new Holding<DateTime>(new(1, DateTimeKind.Unspecified)), new Holding<TimeSpan>(new(1)),
            new Holding<string>("\uD83D"), new Holding<string>("\uDE00"), new Holding<string>("\uFFFD"), new Holding<string>("\\ud83d"),
            new Private(1), new Private(2), new Derived(1, 2), new Derived(2, 1), new Captured(1), new Captured(2),
            new Holding<Uri>(new("http://a/%41")), new Holding<Uri>(new("http://a/A")), new Holding<Guid>(Guid.Empty), new Holding<Version>(new(1, 2)), new Holding<Int128>(Int128.MaxValue),
        ];
        Assert.Equal(queries.Length, queries.Select(QueryHash.Of).Distinct().Count());
    }

    [Fact]
    public void Ignored_members_and_computed_properties_do_not_affect_the_hash()
    {
        Assert.Equal(QueryHash.Of(new Traced(1, Guid.NewGuid())), QueryHash.Of(new Traced(1, Guid.NewGuid())));
        Assert.NotEqual(QueryHash.Of(new Traced(1, Guid.Empty)), QueryHash.Of(new Traced(2, Guid.Empty)));
        Assert.Equal($"own:{QueryHash.Of(new KeyFromHash(1))}", new KeyFromHash(1).CacheKey);
    }

    [Fact]
    public void Private_members_of_a_base_type_count_in_the_hash_although_a_derived_type_has_the_same_name()
    {
        Assert.NotEqual(QueryHash.Of(new Hiding(1, 2)), QueryHash.Of(new Hiding(3, 2)));
        Assert.NotEqual(QueryHash.Of(new Hiding(1, 2)), QueryHash.Of(new Hiding(1, 3)));
    }

    public static TheoryData<string, Func<object>> Refused => new()
    {
        { "Query.Value: the declared type is 'System.Object' but the value is a 'System.Int32', whose type is not part of the hash", static () => new Holding<object>(1) },
        { "Query.Value: the declared type is 'Unstale.Tests.Queries.QueryHashTests+Animal' but the value is a 'Unstale.Tests.Queries.QueryHashTests+Dog', whose", static () => new Holding<Animal>(new Dog(1)) },
        { "Query.Value.[]: the declared type is 'Unstale.Tests.Queries.QueryHashTests+Animal' but the value is", static () => new Holding<List<Animal>>([new Animal(), new Dog(1)]) },
        { "Query.Value.b: the declared type is", static () => new Holding<Dictionary<string, Animal>>(new() { ["a"] = new Animal(), ["b"] = new Dog(1) }) },
        { "Query.Value: the declared type is 'System.Collections.Generic.IReadOnlyList`1[System.Object]' but the value is", static () => new Holding<IReadOnlyList<object>>(new List<string> { "a" }) },
        { "Query.Value: the declared type is 'System.Collections.IEnumerable' but the value is", static () => new Holding<System.Collections.IEnumerable>(new[] { 1 }) },
        { "Query.Value: 'Unstale.Tests.Queries.QueryHashTests+Nothing' has no members, or its members were trimmed", static () => new Holding<Nothing>(new Nothing()) },
        { "Query.Value.[]: 'Unstale.Tests.Queries.QueryHashTests+NothingStruct' has no members, or", static () => new Holding<NothingStruct[]>([default]) },
        { "Query.Value: 'System.Func`1[System.Int32]' is code, not data", static () => new Holding<Func<int>>(static () => 1) },
        { "Query.Value: 'System.Text.StringBuilder' is not plain data", static () => new Holding<StringBuilder>(new()) },
        { "Query.Value: 'Unstale.Tests.Queries.QueryHashTests+Page' is a collection that may have state besides its elements", static () => new Holding<Page>([]) },
        { "Query.Next.Next: the value contains itself", Circle },
        { "the value is nested too deeply", static () => Chain(100) },
        { "Query.Value._source: 'System.Threading.CancellationTokenSource' is not plain data", static () => new Holding<CancellationToken>(new CancellationTokenSource().Token) },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_query_with_an_indistinguishable_member_is_refused_with_the_member_named(string why, Func<object> query)
    {
        var made = query();
        var refused = Assert.Throws<InvalidOperationException>(() => QueryHash.Of(made));
        Assert.StartsWith($"The query '{made.GetType()}' cannot be hashed for its key. Query.", refused.Message, StringComparison.Ordinal);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.EndsWith("Implement ICacheableQuery with a key, or mark members that do not affect the result with [JsonIgnore].", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_query_without_members_cannot_be_hashed()
    {
        foreach (var query in new object[] { new Nothing(), new NothingStruct(), new NothingDerived() })
        {
            Assert.Equal(
                $"The query '{query.GetType()}' cannot be hashed for its key. Query: '{query.GetType()}' has no members, or its members were trimmed, so all its values would have the same hash. "
                + "Implement ICacheableQuery with a key, or mark members that do not affect the result with [JsonIgnore].",
                Assert.Throws<InvalidOperationException>(() => QueryHash.Of(query)).Message);
        }
    }

    [Fact]
    public void A_query_whose_members_are_all_ignored_has_the_hash_of_an_empty_object() => Assert.Equal(Hash("{}"), QueryHash.Of(new OnlyTraced(Guid.NewGuid())));

    [Fact]
    public void Every_hash_by_reflection_is_refused_in_an_application_compiled_ahead_of_time()
    {
        var refused = Assert.Throws<InvalidOperationException>(() => QueryHash.Of(new SearchQuery("a", 2), isReflectionWhole: false));
        Assert.Equal(
            $"The query '{typeof(SearchQuery)}' cannot be hashed for its key: the application is trimmed or compiled ahead of time, where some members of the query may be invisible, so two different queries could have the same hash. "
            + "Mark a JsonSerializerContext with [JsonSerializable(typeof(SearchQuery))] and set QueryCacheOptions.JsonTypeInfoResolver to the context, or implement ICacheableQuery with a key.",
            refused.Message);
    }

    [Fact]
    public void The_method_that_hashes_by_reflection_warns_a_trimmed_application_at_build_time() =>
        Assert.NotEmpty(typeof(QueryHash).GetMethod(nameof(QueryHash.Of), [typeof(object)])!.GetCustomAttributes(typeof(System.Diagnostics.CodeAnalysis.RequiresUnreferencedCodeAttribute), inherit: false));

    [Fact]
    public void A_query_that_contains_the_same_object_twice_is_not_a_cycle()
    {
        var shared = new Node();
        Assert.Equal(Hash("""{"Value":[{"Next":null},{"Next":null}]}"""), QueryHash.Of(new Holding<Node[]>([shared, shared])));
    }

    private static Node Circle()
    {
        var node = new Node { Next = new Node() };
        node.Next.Next = node;
        return node;
    }

    private static Node Chain(int length) => length == 0 ? new Node() : new Node { Next = Chain(length - 1) };

    private static string HashOf(object? value) =>
        value is null ? QueryHash.Of(new Holding<string?>(null)) : QueryHash.Of(Activator.CreateInstance(typeof(Holding<>).MakeGenericType(value.GetType()), value)!);

    private static string Hash(string json) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)))[..32];

    /// <summary>Creates a culture with unusual formats of numbers and dates, because cultures may not be installed.</summary>
    private static CultureInfo Foreign(string name)
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = ",";
        culture.NumberFormat.NegativeSign = name == "ar-SA" ? "\u061C-" : "~";
        culture.NumberFormat.NaNSymbol = "?";
        culture.DateTimeFormat.DateSeparator = ".";
        return culture;
    }

    private sealed record Holding<T>(T Value);

    private sealed record Nothing;

    private readonly record struct NothingStruct;

    private abstract record NothingBase;

    private sealed record NothingDerived : NothingBase;

    private sealed record OnlyTraced([property: JsonIgnore] Guid Trace);

    private sealed record Filter(DateTime From, DayOfWeek Kind, decimal? Price);

    private sealed record Wide(Filter? Filter, List<int> Ids, Dictionary<string, int> Map, decimal? Price);

    private sealed record Order1(int A, int B);

    private sealed record Order2(int B, int A);

    private class Animal
    {
        public string Name { get; } = "";
    }

    private sealed class Dog(int age) : Animal
    {
        public int Age { get; } = age;
    }

    private sealed class Page : List<int>;

    private sealed class Node
    {
        public Node? Next { get; set; }
    }

    private sealed class Private(int id)
    {
        private readonly int _id = id;

        public override string ToString() => $"{_id}";
    }

    private sealed class Captured(int id)
    {
        public override string ToString() => $"{id}";
    }

    private record Base(int A);

    private sealed record Derived(int A, int B) : Base(A);

    private class Hidden(int id)
    {
        private readonly int _id = id;

        public override string ToString() => $"{_id}";
    }

    private sealed class Hiding(int below, int id) : Hidden(below)
    {
        private readonly int _id = id;

        public override string ToString() => $"{base.ToString()} {_id}";
    }

    private sealed record Traced(int Id, [property: JsonIgnore] Guid Trace)
    {
        public DateTime Now => TimeProvider.System.GetUtcNow().UtcDateTime;
    }

    private sealed record KeyFromHash(int Id) : ICacheableQuery
    {
        public string? CacheKey => $"own:{QueryHash.Of(this)}";
    }
}
