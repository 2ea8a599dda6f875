using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Unstale.Tests;

public sealed class CacheKeyTests
{
    private static readonly Gen<string[]> Parts =
        Gen.ListOf(Gen.ListOf(Gen.Elements(":", "%", "%3A", "%25", "a", "\ud800", "\ud801")).Select(texts => string.Concat(texts.Take(2))))
            .Select(parts => parts.Take(3).ToArray());

    [Fact]
    public void No_two_lists_of_parts_give_one_key()
    {
        var pairs = from a in Parts from b in Parts select (a, b);
        var distinct = Prop.ForAll(pairs.ToArbitrary(), pair =>
        {
            var same = pair.a.SequenceEqual(pair.b, StringComparer.Ordinal);
            return same == string.Equals(CacheKey.Of("n", pair.a), CacheKey.Of("n", pair.b), StringComparison.Ordinal)
                && same == string.Equals(CacheKey.Hashed("n", pair.a), CacheKey.Hashed("n", pair.b), StringComparison.Ordinal);
        });

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(20_000), distinct);
    }

    [Fact]
    public void Several_parts_never_give_the_key_of_one_part_that_joins_them_with_colons()
    {
        var parts = Prop.ForAll(Parts.ToArbitrary(), parts =>
        {
            var joined = string.Join(':', parts);
            var other = CacheKey.Of("n", joined);
            return parts.Length == 1 || !string.Equals(CacheKey.Of("n", parts), other, StringComparison.Ordinal);
        });

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5_000), parts);
    }

    [Fact]
    public void Separators_inside_a_part_are_escaped()
    {
        Assert.Equal("product", CacheKey.Of("product"));
        Assert.Equal("product:", CacheKey.Of("product", ""));
        Assert.Equal("product::", CacheKey.Of("product", "", ""));
        Assert.Equal("product:ttl:7", CacheKey.Of("product", "ttl", "7"));
        Assert.Equal("product:a%3Ab:%253A", CacheKey.Of("product", "a:b", "%3A"));
    }

    [Fact]
    public void Numbers_and_guids_are_written_plainly()
    {
        Assert.Equal("product:7", CacheKey.Of("product", 7));
        Assert.Equal("product:-9223372036854775808", CacheKey.Of("product", long.MinValue));
        Assert.Equal("product:550e8400-e29b-41d4-a716-446655440000", CacheKey.Of("product", Guid.Parse("550E8400-E29B-41D4-A716-446655440000")));
    }

    [Fact]
    public void A_hashed_key_has_the_first_half_of_a_SHA_256_in_lower_case()
    {
        // First half of the SHA-256 over the UTF-16 bytes (little endian) of "search:a:b".
        Assert.Equal("search:b347ea4dd028f1366e402ade1bd3184e", CacheKey.Hashed("search", "a", "b"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a:b")]
    [InlineData("a%b")]
    public void An_empty_namespace_and_a_namespace_with_a_separator_are_refused(string ns)
    {
        var message = $"'{ns}' is not a valid namespace of a key: a namespace must not be empty or contain ':' or '%'. "
            + "Pass the text after the first ':' as parts. (Parameter 'ns')";

        Assert.Equal(message, Assert.Throws<ArgumentException>(() => CacheKey.Of(ns)).Message);
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => CacheKey.Of(ns, 1)).Message);
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => CacheKey.Of(ns, Guid.Empty)).Message);
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => CacheKey.Hashed(ns)).Message);
    }

    [Fact]
    public void A_key_with_a_null_part_is_refused()
    {
        Assert.Throws<ArgumentNullException>("ns", () => CacheKey.Of(null!, "a"));
        Assert.Throws<ArgumentNullException>("parts", () => CacheKey.Of("n", "a", null!));
    }
}
