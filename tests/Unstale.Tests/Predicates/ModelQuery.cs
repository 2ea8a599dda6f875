using Unstale.Predicates;
using Row = System.Collections.Generic.Dictionary<string, object?>;

namespace Unstale.Tests.Predicates;

/// <summary>A query of the model, with the predicates that a reader of the query derives.</summary>
/// <param name="Class">Kind of the query, for the figures.</param>
/// <param name="Result">Computes the result.</param>
/// <param name="Predicates">Derives the predicates, some from the keys met.</param>
internal sealed record ModelQuery(string Class, Func<ModelDatabase, string> Result, Func<ModelDatabase, RowPredicate[]> Predicates)
{
    private const string C = ModelTable.Categories;
    private const string P = ModelTable.Products;
    private const string O = ModelTable.Orders;

    public static ModelQuery Create(Random random) => random.Next(14) switch
    {
        < 2 => KeyLookup(random),
        < 3 => ByForeignKey(random),
        < 8 => Single(random),
        8 => Join(random),
        9 => LeftJoin(random),
        10 => Exists(random),
        11 => SelfJoin(random),
        12 => Include(random),
        _ => JoinAggregate(random),
    };

    private static ModelQuery KeyLookup(Random random)
    {
        var (filter, shown) = (ModelFilter.Equal("id", random.Next(1, 12)), Some(random, P));
        return new("key", db => List(db, P, filter, shown), _ => [On(P, filter, shown)]);
    }

    private static ModelQuery ByForeignKey(Random random)
    {
        var (filter, shown) = (ModelFilter.Equal("product_id", random.Next(1, 12)), Some(random, O));
        return new("foreign key", db => List(db, O, filter, shown), _ => [On(O, filter, shown)]);
    }

    private static ModelQuery Single(Random random)
    {
        var table = random.Next(5) switch { < 3 => P, 3 => C, _ => O };
        var (filter, shown) = (ModelFilter.Create(random, table, random.Next(3)), Some(random, table));
        IEnumerable<Row> Rows(ModelDatabase db) => db.Rows(table).Where(filter.Matches);
        switch (random.Next(7))
        {
            case 0:
                return new("count", db => $"{Rows(db).Count()}", _ => [On(table, filter)]);
            case 1:
                var (order, take, skip) = (Some(random, table)[0], random.Next(1, 4), random.Next(2));
                return new(
                    "limit",
                    db => string.Join('|', Rows(db).OrderBy(row => row[order] is null).ThenBy(row => ModelTable.Shown(row[order]), StringComparer.Ordinal).ThenBy(static row => (int)row["id"]!).Skip(skip).Take(take).Select(row => Show(row, shown))),
                    _ => [On(table, filter, [.. shown, order, "id"])]);
            case 2:
                return new("distinct", db => string.Join('|', Rows(db).Select(row => Show(row, shown)).Distinct().Order(StringComparer.Ordinal)), _ => [On(table, filter, shown)]);
            case 3:
                return new("group", db => string.Join('|', Rows(db).GroupBy(row => Show(row, shown)).Where(static group => group.Count() > 1).Select(static group => $"{group.Key}={group.Count()}").Order(StringComparer.Ordinal)), _ => [On(table, filter, shown)]);
            case 4:
                var part = ModelFilter.Create(random, table, 1);
                return new("conditional count", db => $"{Rows(db).Count()} {Rows(db).Count(part.Matches)}", _ => [On(table, filter, [.. part.Columns])]);
            default:
                var kind = filter.Dropped.Count > 0 ? "other condition" : filter.Residuals.Count > 0 ? "residual" : filter.Terms.Count == 0 ? "no filter" : filter.Terms.Any(static term => term.IsRange) ? "range" : "equality";
                return new($"list: {kind}", db => List(db, table, filter, shown), _ => [On(table, filter, shown)]);
        }
    }

    private static ModelQuery Join(Random random)
    {
        var (filter, shown, other) = (ModelFilter.Create(random, P, random.Next(3)), Some(random, P), Some(random, C));
        var isMet = random.Next(2) == 0;
        var far = isMet ? ModelFilter.None : ModelFilter.Create(random, C, random.Next(3));
        return new(
            isMet ? "join, keys met" : "join",
            db => Unordered(db.Rows(P).Where(filter.Matches).Select(row => (Row: row, Far: db.Find(C, row["category_id"]))).Where(pair => pair.Far is not null && far.Matches(pair.Far)).Select(pair => Show(pair.Row, shown) + Show(pair.Far!, other))),
            db => [On(P, filter, [.. shown, "category_id"]), Far(db)]);

        // Keys met come from all rows of the near side, matched or not.
        RowPredicate Far(ModelDatabase db) => RowPredicate.Create(
            C,
            isMet ? [Term.In("id", db.Rows(P).Where(filter.Matches).Select(static row => ModelTable.Form(row["category_id"])))] : far.Terms,
            [.. far.Dropped, .. other, "id"],
            far.Residuals);
    }

    private static ModelQuery LeftJoin(Random random)
    {
        var (filter, shown, other) = (ModelFilter.Create(random, C, random.Next(2)), Some(random, C), Some(random, P));
        var on = ModelFilter.Create(random, P, random.Next(2));
        var onNear = ModelFilter.Create(random, C, random.Next(2), "equal", "range", "null");
        var column = Some(random, P)[0];
        var asksNull = random.Next(2) == 0;
        return new(
            "left join",
            db => Unordered(db.Rows(C).Where(filter.Matches).SelectMany(row =>
            {
                var met = onNear.Matches(row) ? db.Rows(P).Where(far => Equals(far["category_id"], row["id"]) && on.Matches(far)).Where(far => !asksNull || far[column] is null).ToList() : [];
                var any = onNear.Matches(row) && db.Rows(P).Any(far => Equals(far["category_id"], row["id"]) && on.Matches(far));
                return any ? met.Select(far => Show(row, shown) + Show(far, other)) : [Show(row, shown) + "none"];
            })),
            _ => [On(C, filter, [.. shown, .. onNear.Columns, "id"]), On(P, on, [.. other, "category_id", .. asksNull ? new[] { column } : []])]);
    }

    private static ModelQuery Exists(Random random)
    {
        var (filter, shown, inner) = (ModelFilter.Create(random, C, random.Next(3)), Some(random, C), ModelFilter.Create(random, P, random.Next(3)));
        var wanted = random.Next(2) == 0;
        return new(
            wanted ? "exists" : "not exists",
            db => Join(db.Rows(C).Where(row => filter.Matches(row) && db.Rows(P).Any(far => Equals(far["category_id"], row["id"]) && inner.Matches(far)) == wanted), shown),
            _ => [On(C, filter, [.. shown, "id"]), On(P, inner, "category_id")]);
    }

    private static ModelQuery SelfJoin(Random random)
    {
        var (near, far) = (ModelFilter.Create(random, P, random.Next(3)), ModelFilter.Create(random, P, random.Next(3)));
        var (shown, other) = (Some(random, P), Some(random, P));
        return new(
            "self join",
            db => Unordered(db.Rows(P).Where(near.Matches).Select(row => (Row: row, Far: db.Find(P, row["parent_id"]))).Where(pair => pair.Far is not null && far.Matches(pair.Far)).Select(pair => Show(pair.Row, shown) + Show(pair.Far!, other))),
            _ => [On(P, near, [.. shown, "parent_id"]), On(P, far, [.. other, "id"])]);
    }

    private static ModelQuery Include(Random random)
    {
        var (filter, shown, other, take) = (ModelFilter.Create(random, C, random.Next(3)), Some(random, C), Some(random, P), random.Next(1, 4));
        List<Row> Top(ModelDatabase db) => [.. db.Rows(C).Where(filter.Matches).OrderBy(static row => row["kind"] is null).ThenBy(static row => row["kind"]).ThenBy(static row => (int)row["id"]!).Take(take)];
        return new(
            "include, keys met",
            db => string.Join('|', Top(db).Select(row => $"{row["id"]}{Show(row, shown)}:{Join(db.Rows(P).Where(far => Equals(far["category_id"], row["id"])), other)}")),
            db => [On(C, filter, [.. shown, "kind", "id"]), RowPredicate.Create(P, [Term.In("category_id", Top(db).Select(static row => ModelTable.Form(row["id"])))], [.. other, "category_id"])]);
    }

    private static ModelQuery JoinAggregate(Random random)
    {
        var (filter, far) = (ModelFilter.Create(random, O, random.Next(3)), ModelFilter.Create(random, P, random.Next(3)));
        return new(
            "join aggregate",
            db => $"{db.Rows(O).Where(filter.Matches).Where(row => db.Find(P, row["product_id"]) is { } product && far.Matches(product)).Sum(static row => (int)row["quantity"]!)}",
            _ => [On(O, filter, "product_id", "quantity"), On(P, far, "id")]);
    }

    private static RowPredicate On(string table, ModelFilter filter, params string[] affecting) => RowPredicate.Create(table, filter.Terms, [.. filter.Dropped, .. affecting], filter.Residuals);

    private static string[] Some(Random random, string table)
    {
        var columns = ModelTable.Columns[table].ToArray();
        random.Shuffle(columns);
        return columns[..random.Next(1, 4)];
    }

    private static string List(ModelDatabase db, string table, ModelFilter filter, string[] shown) => Join(db.Rows(table).Where(filter.Matches), shown);

    private static string Join(IEnumerable<Row> rows, string[] shown) => Unordered(rows.Select(row => Show(row, shown)));

    /// <summary>The rows of a query without an order are one result, in whichever order the database returns them.</summary>
    private static string Unordered(IEnumerable<string> rows) => string.Join('|', rows.Order(StringComparer.Ordinal));

    private static string Show(Row row, string[] shown) => string.Join(',', shown.Select(column => ModelTable.Shown(row[column])));
}
