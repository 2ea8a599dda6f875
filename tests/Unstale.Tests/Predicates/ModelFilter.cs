using Unstale.Predicates;
using Row = System.Collections.Generic.Dictionary<string, object?>;

namespace Unstale.Tests.Predicates;

/// <summary>Conditions of a query, all of which must hold: some are terms of a predicate, and others are known by their columns alone.</summary>
/// <param name="Conditions">Conditions.</param>
/// <param name="Terms">Terms of the predicate.</param>
/// <param name="Dropped">Columns of the other conditions.</param>
internal sealed record ModelFilter(IReadOnlyList<Func<Row, bool>> Conditions, IReadOnlyList<Term> Terms, IReadOnlyList<string> Dropped)
{
    private static readonly string[] Kinds = ["equal", "equal", "equal", "in", "range", "range", "null", "differs", "or", "not range", "not null"];

    public static ModelFilter None { get; } = new([], [], []);

    public bool Matches(Row row) => Conditions.All(condition => condition(row));

    public static ModelFilter Create(Random random, string table, int conditions, params string[] kinds)
    {
        var result = None;
        for (var i = 0; i < conditions; i++)
        {
            var one = One(random, table, kinds.Length == 0 ? Kinds : kinds);
            result = new([.. result.Conditions, .. one.Conditions], [.. result.Terms, .. one.Terms], [.. result.Dropped, .. one.Dropped]);
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
            case "null":
                return Of(row => row[column] is null, Term.In(column, [ColumnValue.Null]));
            case "or":
                var (one, other) = (One(random, table, ["equal", "null"]), One(random, table, ["equal", "range"]));
                return new([row => one.Matches(row) || other.Matches(row)], [], [.. one.Columns, .. other.Columns]);
            case "not range" when Number(value) is { } bound:
                return new([row => !(Number(row[column]) > bound)], [], [column]);
            case "not null":
                return new([row => row[column] is not null], [], [column]);
            default:
                return new([row => !Equals(row[column], value)], [], [column]);
        }
    }

    public IEnumerable<string> Columns => [.. Terms.Select(static term => term.Column), .. Dropped];

    private static ModelFilter Of(Func<Row, bool> condition, Term term) => new([condition], [term], []);

    private static decimal? Number(object? value) => value switch { int number => number, decimal number => number, _ => null };
}
