using Unstale.Predicates;
using Row = System.Collections.Generic.Dictionary<string, object?>;

namespace Unstale.Tests.Predicates;

/// <summary>Conditions of a query, all of which must hold: some are terms of a predicate, some residuals, and others are known by their columns alone.</summary>
/// <param name="Conditions">Conditions.</param>
/// <param name="Terms">Terms of the predicate.</param>
/// <param name="Residuals">Residuals of the predicate.</param>
/// <param name="Dropped">Columns of the other conditions.</param>
internal sealed record ModelFilter(IReadOnlyList<Func<Row, bool>> Conditions, IReadOnlyList<Term> Terms, IReadOnlyList<Residual> Residuals, IReadOnlyList<string> Dropped)
{
    private static readonly string[] Kinds = ["equal", "equal", "equal", "in", "range", "range", "null", "differs", "or", "not range", "not null", "columns", "odd", "other"];

    public static ModelFilter None { get; } = new([], [], [], []);

    public bool Matches(Row row) => Conditions.All(condition => condition(row));

    public static ModelFilter Create(Random random, string table, int conditions, params string[] kinds)
    {
        var result = None;
        for (var i = 0; i < conditions; i++)
        {
            var one = One(random, table, kinds.Length == 0 ? Kinds : kinds);
            result = new([.. result.Conditions, .. one.Conditions], [.. result.Terms, .. one.Terms], [.. result.Residuals, .. one.Residuals], [.. result.Dropped, .. one.Dropped]);
        }

        return result;
    }

    public static ModelFilter Equal(string column, object? value) => Of(row => Equals(row[column], value), Term.In(column, [ModelTable.Form(value)]));

    private static ModelFilter One(Random random, string table, string[] kinds)
    {
        var column = ModelTable.Columns[table][random.Next(ModelTable.Columns[table].Length)];
        var value = ModelTable.ValueOf(random, table, column);
        switch (kinds[random.Next(kinds.Length)])
        {
            case "equal":
                return Equal(column, value);
            case "in":
                object?[] values = [value, ModelTable.ValueOf(random, table, column), ModelTable.ValueOf(random, table, column)];
                return Of(row => values.Contains(row[column]), Term.In(column, values.Select(ModelTable.Form)));
            case "range" when Number(value) is { } low:
                var high = low + random.Next(3);
                return Of(row => Number(row[column]) is { } number && low <= number && number <= high, Term.Between(column, ColumnValue.OfNumber(low), ColumnValue.OfNumber(high)));
            case "same":
                return Of(row => Equals(row[column], value), Equality(column, value));
            case "null":
                return Of(row => row[column] is null, Term.In(column, [ColumnValue.Null]));
            case "or":
                var (one, other) = (Residue(random, table), Residue(random, table));
                return Of(row => one.Matches(row) || other.Matches(row), new JoinedResidual(isAll: false, [.. one.Residuals, .. other.Residuals]));
            case "not range" when Number(value) is { } bound:
                var isFalse = random.Next(2) == 0; // a comparison with null is false, as in C#, or null, as in SQL
                return Of(row => Number(row[column]) is { } number ? !(number > bound) : isFalse, new NegatedResidual(Compared(ComparisonKind.Less, Operand.OfValue(ColumnValue.OfNumber(bound)), column)));
            case "not null":
                return Of(row => row[column] is not null, new NegatedResidual(Equality(column, value: null)));
            case "columns" when table == ModelTable.Products:
                return Of(static row => Number(row["category_id"]) <= Number(row["price"]), Compared(ComparisonKind.LessOrEqual, Operand.OfColumn("category_id"), "price"));
            case "odd":
                return Of(static row => ((int)row["id"]! + 1) % 2 == 0, Compared(ComparisonKind.Equal, Operand.OfIntegers('%', Operand.OfIntegers('+', Operand.OfColumn("id"), Number(1)), Number(2)), Number(0)));
            case "other":
                return new([row => !Equals(row[column], value)], [], [], [column]);
            default:
                return Of(row => !Equals(row[column], value), new NegatedResidual(Equality(column, value)));
        }
    }

    /// <summary>Returns a part of an <c>or</c>: one condition, or two of which both must hold.</summary>
    private static ModelFilter Residue(Random random, string table)
    {
        if (random.Next(3) > 0)
            return One(random, table, ["differs", "not range", "not null", "columns", "same"]);
        var (one, other) = (Residue(random, table), Residue(random, table));
        return Of(row => one.Matches(row) && other.Matches(row), new JoinedResidual(isAll: true, [.. one.Residuals, .. other.Residuals]));
    }

    public IEnumerable<string> Columns => [.. Terms.Select(static term => term.Column), .. ResidualColumns, .. Dropped];

    private SortedSet<string> ResidualColumns
    {
        get
        {
            var columns = new SortedSet<string>(StringComparer.Ordinal);
            foreach (var residual in Residuals)
                residual.AddColumns(columns);
            return columns;
        }
    }

    private static ModelFilter Of(Func<Row, bool> condition, Term term) => new([condition], [term], [], []);

    private static ModelFilter Of(Func<Row, bool> condition, Residual residual) => new([condition], [], [residual], []);

    private static ComparedResidual Equality(string column, object? value) => Compared(ComparisonKind.Equal, Operand.OfColumn(column), Operand.OfValue(ModelTable.Form(value)));

    private static ComparedResidual Compared(ComparisonKind kind, Operand left, string right) => Compared(kind, left, Operand.OfColumn(right));

    private static ComparedResidual Compared(ComparisonKind kind, Operand left, Operand right) => new(kind, left, right, isExact: true);

    private static Operand Number(int value) => Operand.OfValue(ColumnValue.OfNumber(value));

    private static decimal? Number(object? value) => value switch { int number => number, decimal number => number, _ => null };
}
