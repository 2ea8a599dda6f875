using FsCheck;
using FsCheck.Fluent;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Values;

public sealed class NamespaceNameTests
{
    private static readonly Gen<string> Text =
        Gen.ListOf(Gen.Elements("/", "//", ":", "%", "%2F", "%25", "a", "ns:")).Select(parts => string.Concat(parts.Take(3)));

    [Fact]
    public void No_two_lists_of_names_and_a_key_give_the_same_key_or_tag()
    {
        var place =
            from names in Gen.NonEmptyListOf(Text.Where(t => t.Length > 0)).Select(names => names.Take(3).ToArray())
            from key in Text.Where(t => t.Length > 0)
            select (Names: names, Key: key);
        var two = from one in place from other in place select (one, other);
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(20_000).WithQuietOnSuccess(true),
            Prop.ForAll(Arb.From(two), pair =>
            {
                var (one, other) = pair;
                var areOne = one.Names.SequenceEqual(other.Names, StringComparer.Ordinal);
                Assert.Equal(areOne && one.Key == other.Key, Key(one) == Key(other));
                Assert.Equal(areOne, Tag(one.Names) == Tag(other.Names));
                Assert.Equal(one.Key, NamespaceName.KeyWithin(Key(one)).ToString());
            }));
    }

    [Theory]
    [InlineData(new[] { "tenant:42" }, "ns:tenant:42")]
    [InlineData(new[] { "tenant:42", "carts" }, "ns:tenant:42/carts")]
    [InlineData(new[] { "a/b", "5%" }, "ns:a%2Fb/5%25")]
    public void The_tag_is_readable(string[] names, string tag) => Assert.Equal(tag, Tag(names));

    [Theory]
    [InlineData("a:b")]
    [InlineData("ns:a")]
    [InlineData("query_cache://x")]
    public void A_key_of_no_namespace_stays_as_it_is(string key) => Assert.Equal(key, NamespaceName.KeyWithin(key).ToString());

    private static string Key((string[] Names, string Key) place) => Tag(place.Names) + NamespaceName.End + place.Key;

    private static string Tag(string[] names) => names.Aggregate((string?)null, NamespaceName.Tag)!;
}
