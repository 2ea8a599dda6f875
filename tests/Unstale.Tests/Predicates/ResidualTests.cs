using Unstale.Predicates;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Predicates;

/// <summary>Conditions that are no terms, over old and new rows.</summary>
public sealed class ResidualTests
{
    internal const string Either = "product[(([rating]=2) or (not (3<[price])))]{name}";

    [Theory]
    [InlineData(Either, "product update old{rating=2;price=9;name=t0123456789abcdef} new{rating=2;price=1;name=t0123456789abcdef} changed{price}", false)] // holds before and after
    [InlineData(Either, "product update old{rating=1;price=9} new{rating=3;price=9} changed{rating}", false)] // fails before and after
    [InlineData(Either, "product update old{rating=1;price=9} new{rating=2;price=9} changed{rating}", true)]
    [InlineData(Either, "product update old{rating=2;price=9} new{rating=2;price=9} changed{name}", true)]
    [InlineData(Either, "product update old{rating=1;price=9} new{rating=1;price=9} changed{name}", false)]
    [InlineData(Either, "product update old{rating=1} new{rating=1} changed{name}", true)] // the price is unknown
    [InlineData(Either, "product update old{rating=1;price=null} new{rating=1;price=1} changed{price}", true)] // the negation of a comparison with null is true or null
    [InlineData(Either, "product update old{rating=1;price=null} new{rating=1;price=9} changed{price}", true)]
    [InlineData(Either, "product insert new{rating=null;price=null}", true)]
    [InlineData(Either, "product insert new{price=9}", true)]
    [InlineData(Either, "product delete old{rating=1;price=3}", true)]
    [InlineData(Either, "product bulk-update new{stock=1} changed{stock} where[id=1]", false)]
    [InlineData(Either, "product bulk-update new{price=1} changed{price} where[id=1]", true)]
    [InlineData("product[category_id=5]{price}", "product bulk-update new{price=1} changed{price} where[category_id=3]", false)] // no row of the category is written
    [InlineData("product[category_id=5]{price}", "product bulk-update new{price=1} changed{price} where[id=1]", true)]
    [InlineData("product[category_id=5]{price}", "product bulk-update new{category_id=5} changed{category_id} where[category_id=3]", true)]
    [InlineData("product[category_id=5;price=1]{name}", "product bulk-update new{price=1} changed{price} where[category_id=5;price>=3]", true)]
    public void A_residual_decides_like_a_term(string predicate, string change, bool isHit) => Assert.Equal(isHit, IsHit(predicate, change));

    [Theory]
    [InlineData("product[([a]=[b])]{}", "product insert new{a=null;b=null}", true)] // equality has the nulls of C#
    [InlineData("product[(not ([a]=[b]))]{}", "product insert new{a=1;b=null}", true)]
    [InlineData("product[([a]<[b])]{}", "product insert new{a=1;b=null}", false)]
    [InlineData("product[(not ([a]<[b]))]{}", "product insert new{a=1;b=null}", true)]
    [InlineData("product[(not ([a]=?1))]{}", "product insert new{a=1}", true)] // 1.0 and 1.00 may be two texts
    [InlineData("product[(not ([a]=1))]{}", "product insert new{a=1}", false)]
    [InlineData("product[([a]<?1)]{}", "product insert new{a=1}", true)]
    [InlineData("product[([a]<t0123456789abcdef)]{}", "product insert new{a=tffffffffffffffff}", true)] // texts have no order
    [InlineData("product[([a]<1)]{}", "product insert new{a=~2}", true)]
    public void Nulls_and_inexact_forms_are_never_less_than_the_database(string predicate, string change, bool isHit) => Assert.Equal(isHit, IsHit(predicate, change));

    [Theory]
    [InlineData("product[({[a] + 1}=[b])]{}", "product insert new{a=1;b=2}", true)]
    [InlineData("product[({[a] + 1}=[b])]{}", "product insert new{a=1;b=3}", false)]
    [InlineData("product[({[a] - 1}=0)]{}", "product insert new{a=2}", false)]
    [InlineData("product[({[a] * {[b] % 2}}=0)]{}", "product insert new{a=1;b=4}", true)]
    [InlineData("product[({[a] * [b]}=0)]{}", "product insert new{a=65536;b=65536}", true)] // beyond 32 bits
    [InlineData("product[({1 % [a]}=0)]{}", "product insert new{a=0}", true)]
    [InlineData("product[({[a] + 1}=0)]{}", "product insert new{a=1.5}", true)]
    [InlineData("product[({[a] + 1}=0)]{}", "product insert new{a=null}", false)]
    [InlineData("product[({[a] + 1}=0)]{}", "product insert new{b=1}", true)]
    public void Arithmetic_over_integers_is_computed(string predicate, string change, bool isHit) => Assert.Equal(isHit, IsHit(predicate, change));

    [Fact]
    public void A_name_that_would_be_too_long_loses_its_residuals_and_keeps_their_columns()
    {
        var values = Enumerable.Range(0, 300).Select(static i => (Residual)new ComparedResidual(ComparisonKind.Equal, Operand.OfColumn("rating"), Operand.OfValue(ColumnValue.OfNumber(i)), isExact: true));
        var predicate = RowPredicate.Create("product", [Term.Of("id", ColumnValue.OfNumber(1))], ["name"], [new JoinedResidual(isAll: false, [.. values])]);
        Assert.Equal(DependencyTag.PredicatePrefix + "product[id=1]{name,rating}", predicate.Name);
    }

    [Fact]
    public void A_text_of_too_many_levels_is_no_predicate()
    {
        Assert.NotNull(Parse(Nested(Residual.MostLevels - 2)));
        Assert.Null(Parse(Nested(10_000)));
    }

    private static string Nested(int levels) => $"product[{string.Concat(Enumerable.Repeat("(not ", levels))}([a]=1){new string(')', levels)}]{{}}";

    private static bool IsHit(string predicate, string change) => Parse(predicate)!.IsHitBy(RowText.ParseChange(change)!);

    private static RowPredicate? Parse(string text) => RowText.ParsePredicate(DependencyTag.PredicatePrefix + text);
}
