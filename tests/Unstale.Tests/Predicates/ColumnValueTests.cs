using System.Globalization;
using Unstale.Predicates;
using Xunit;

namespace Unstale.Tests.Predicates;

/// <summary>Canonical forms: equal values of a database have one form, and forms of different kinds are not compared.</summary>
public sealed class ColumnValueTests
{
    public static TheoryData<object?, object?> Equal => new()
    {
        { 3, 3L }, { 3, 3m }, { 1.5m, 1.500m }, { true, 1 }, { DayOfWeek.Tuesday, 2 }, { 0.0, -0.0 }, { double.NaN, -double.NaN }, { 1.5f, 1.5 }, { null, DBNull.Value }, { 'x', "x" },
        { new DateTime(639_000_000_000_000_007, DateTimeKind.Utc), new DateTime(639_000_000_000_000_000, DateTimeKind.Utc) },
        { new DateTimeOffset(2026, 1, 1, 9, 0, 0, TimeSpan.FromHours(9)), new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc) },
        { new byte[] { 1, 2 }, new byte[] { 1, 2 } }, { Guid.Empty, default(Guid) }, { decimal.MaxValue, decimal.MaxValue },
    };

    public static TheoryData<object?, object?> Different => new()
    {
        { 3, 4 }, { "a", "A" }, { "a", "a " }, { "", null }, { 0, null }, { new byte[] { 1 }, new byte[] { 2 } }, { 1.5, 2.5 }, { new DateOnly(2026, 1, 1), new DateOnly(2026, 1, 2) },
        { new TimeSpan(1), new TimeSpan(11) },
    };

    public static TheoryData<object?, object?> Incomparable => new() { { 3, "3" }, { 3, 3.0 }, { Guid.Empty, Guid.Empty.ToString() }, { "a", new byte[] { 97 } }, { 3, TimeSpan.Zero } };

    [Theory]
    [MemberData(nameof(Equal))]
    public void Equal_values_have_one_form(object? one, object? other)
    {
        Assert.Equal(Form(one), Form(other));
        Assert.Equal(Form(one).GetHashCode(), Form(other).GetHashCode());
    }

    [Theory]
    [MemberData(nameof(Different))]
    public void Different_values_have_different_forms(object? one, object? other)
    {
        Assert.NotEqual(Form(one), Form(other));
        Assert.True(Form(one).IsComparable(Form(other)));
    }

    [Theory]
    [MemberData(nameof(Incomparable))]
    public void Forms_of_different_kinds_are_unknown_to_each_other(object? one, object? other)
    {
        Assert.False(Form(one).IsComparable(Form(other)));
        Assert.Equal(Truth.Unknown, Term.In("c", [Form(one)]).Holds(Form(other)));
    }

    [Fact]
    public void Every_form_is_read_as_written()
    {
        foreach (var value in Equal.Concat(Different).SelectMany(static row => (object?[])[row.Data.Item1, row.Data.Item2]))
        {
            var form = Form(value);
            Assert.True(ColumnValue.TryParse(form.ToString(), out var read), form.ToString());
            Assert.Equal(form, read);
        }
    }

    [Fact]
    public void Hashes_under_different_keys_are_unknown_to_each_other()
    {
        var (one, same, other) = (new ColumnHash("secret"), new ColumnHash("secret"), new ColumnHash("another"));
        Assert.Equal(one.OfText("x"), same.OfText("x"));
        Assert.False(one.OfText("x").IsComparable(other.OfText("x")));
        Assert.False(one.OfText("x").IsComparable(ColumnHash.Unkeyed.OfText("x")));
        Assert.True(ColumnValue.TryParse(one.OfText("x").ToString(), out var read) && read.Equals(one.OfText("x")));
    }

    [Fact]
    public void A_text_of_any_length_has_a_form_without_the_text()
    {
        foreach (var length in (int[])[0, 1, 169, 170, 171, 10_000])
        {
            var text = new string('\u20ac', length);
            Assert.Equal(17, ColumnHash.Unkeyed.OfText(text).ToString().Length);
            Assert.NotEqual(ColumnHash.Unkeyed.OfText(text), ColumnHash.Unkeyed.OfText(text + "x"));
        }
    }

    [Theory]
    [InlineData(null, null, 5, "True")]
    [InlineData(3, null, 3, "True")]
    [InlineData(3, null, 2, "False")]
    [InlineData(null, 4, 4, "True")]
    [InlineData(null, 4, 5, "False")]
    [InlineData(3, 4, null, "False")]
    [InlineData(3, 4, "x", "Unknown")]
    public void A_range_contains_its_bounds_and_no_null(object? from, object? to, object? value, string expected) =>
        Assert.Equal(expected, Term.Between("c", Bound(from), Bound(to)).Holds(Form(value)).ToString());

    [Fact]
    public void Not_a_number_is_above_all_numbers()
    {
        var above = Term.Between("c", Form(1e300), null);
        Assert.Equal((Truth.True, Truth.False), (above.Holds(Form(double.NaN)), above.Holds(Form(1.0))));
    }

    [Fact]
    public void Two_terms_are_disjoint_only_if_no_value_can_satisfy_both()
    {
        Term In(params object?[] values) => Term.In("c", values.Select(Form));
        Term Range(object? from, object? to) => Term.Between("c", Bound(from), Bound(to));
        Assert.True(In(1, 2).IsDisjointFrom(In(3, null)));
        Assert.False(In(1, null).IsDisjointFrom(In(3, null)));
        Assert.True(In(1, null).IsDisjointFrom(Range(2, 9)));
        Assert.False(In(2).IsDisjointFrom(Range(2, 9)));
        Assert.True(Range(1, 2).IsDisjointFrom(Range(3, 4)));
        Assert.False(Range(1, 3).IsDisjointFrom(Range(3, 4)));
        Assert.False(Range(null, 3).IsDisjointFrom(Range(null, 1)));
        Assert.False(In("1").IsDisjointFrom(In(1)), "not comparable");
        Assert.False(In(1).IsDisjointFrom(Term.In("d", [Form(2)])), "other columns");
    }

    private static ColumnValue Form(object? value) =>
        ColumnHash.Unkeyed.TryCreate(value, out var form) ? form : throw new ArgumentException(Convert.ToString(value, CultureInfo.InvariantCulture), nameof(value));

    private static ColumnValue? Bound(object? value) => value is null ? null : Form(value);
}
