using Unstale.Predicates;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Predicates;

/// <summary>Texts of predicates and changes, which are part of the formats of the log and of the second level.</summary>
public sealed class RowTextTests
{
    public static TheoryData<string> Changes =>
    [
        "product any",
        "product insert new{id=4;price=20.5;name=null}",
        "product update old{id=4;price=20} new{price=30} changed{price}",
        "product update old{id=4} new{price=30} unchanged{id}",
        "product update new{price=30}",
        "product update old{id=4} changed{}",
        "product delete old{id=4}",
        "product bulk-update new{price=30} changed{price} where[category_id=3|null;stock>=1;weight<=2.5]",
        "product bulk-delete where[at>=@1700000000000000<=@1800000000000000]",
        "shop.order%0020line insert new{real=~1E+20;text=t0123456789abcdef;guid=g0123456789abcdef.beef;bytes=bffffffffffffffff}",
    ];

    public static TheoryData<string> Predicates =>
    [
        "product[]{*}",
        "product[]{}",
        "product[id=4]{name,price}",
        "product[category_id=3|5|null;price>=20<=40;stock<=3;weight>=1]{*}",
        "product[none=]{id}",
        "product[price>=]{id}",
        "product[id=4;([rating]=2)]{*}",
        "product[(not ([rating]=null));(([a]<=?@5) and (~1.5<[b]) and (([c]=t0123456789abcdef.beef) or ([a%0020b]<[d%0028])))]{id}",
        "product[({[a] + {[b] % 2}}=[c])]{}",
    ];

    public static TheoryData<string> Unreadable =>
    [
        "", " ", "product", "product ", "product updates", "product any x", "product update old{", "product update old{id}", "product update old{id=}",
        "product update old{id=x}", "product update old{id=1;}", "product update old{id=1} old{id=1}", "product update changed{,}", "product update where[id=1",
        "product update where[id~1]", "product update where[id>=null]", "product update new{a=t0123}", "product update new{a=t0123456789abcdeg}", "product update new{a=nul}",
        "product%00 any", "product%0zzz any", "[]", "product update new{a=t0123456789abcdef.be}",
    ];

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_change_is_read_as_written(string text)
    {
        var change = RowText.ParseChange(text)!;
        Assert.Equal(text, RowText.Format(change));
        Assert.Equal(text, change.Text);
    }

    [Theory]
    [MemberData(nameof(Predicates))]
    public void A_predicate_is_read_as_written(string text)
    {
        var predicate = RowText.ParsePredicate(DependencyTag.PredicatePrefix + text)!;
        Assert.Equal(DependencyTag.PredicatePrefix + text, RowText.Format(predicate));
        Assert.True(DependencyTag.IsPredicate(predicate.Name));
    }

    [Theory]
    [MemberData(nameof(Unreadable))]
    public void Another_text_is_no_change(string text) => Assert.Null(RowText.ParseChange(text));

    [Theory]
    [InlineData("product")]
    [InlineData("product[]")]
    [InlineData("product[]{*}x")]
    [InlineData("product[id=]x{*}")]
    [InlineData("[]{*}")]
    [InlineData("product[id=1;]{*}")]
    [InlineData("product[([a]=1)")]
    [InlineData("product[([a]=1);id=1]{*}")]
    [InlineData("product[([a]=)]{*}")]
    [InlineData("product[([a]>1)]{*}")]
    [InlineData("product[(a=1)]{*}")]
    [InlineData("product[([a]=1]{*}")]
    [InlineData("product[(([a]=1))]{*}")]
    [InlineData("product[(([a]=1) or ([a]=2) and ([a]=3))]{*}")]
    [InlineData("product[(not [a]=1)]{*}")]
    [InlineData("product[({[a] / 1}=1)]{*}")]
    [InlineData("product[({[a] + }=1)]{*}")]
    [InlineData("product[()]{*}")]
    public void Another_text_is_no_predicate(string text) => Assert.Null(RowText.ParsePredicate(DependencyTag.PredicatePrefix + text));

    [Fact]
    public void A_name_may_contain_any_character()
    {
        const string name = "a b%[](){};=,|<>~\0\n\u00fc\ud800x";
        var change = RowText.ParseChange(new RowChange(name, RowOperation.Insert) { New = new([new(name, ColumnValue.OfNumber(1))]) }.Text)!;
        Assert.Equal((name, name), (change.Table, change.New.Items[0].Key));
        var predicate = RowText.ParsePredicate(RowPredicate.Create(name, [Term.In(name, [ColumnValue.Null])], [name]).Name)!;
        Assert.Equal((name, name, name), (predicate.Table, predicate.Terms[0].Column, predicate.Affecting![0]));
        Assert.Equal(-1, CacheNames.HalfPairIn(predicate.Name));
    }

    [Fact]
    public void Values_that_a_column_had_before_are_read_as_its_new_values_unless_it_changed()
    {
        var change = RowText.ParseChange("product update old{id=4;price=20} new{price=30} changed{price}")!;
        Assert.True(change.New.TryGet("id", out var id) && id.Equals(ColumnValue.OfNumber(4)));
        Assert.True(change.New.TryGet("price", out var price) && price.Equals(ColumnValue.OfNumber(30)));
        Assert.False(RowText.ParseChange("product update old{id=4}")!.New.TryGet("id", out _));
    }
}
