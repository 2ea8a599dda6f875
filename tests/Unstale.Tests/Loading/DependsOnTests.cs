using Unstale.Log;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>Values that depend on rows, through the public methods.</summary>
public sealed class DependsOnTests
{
    private readonly CacheUnderTest _test = new();

    [Fact]
    public async Task A_change_with_values_invalidates_the_results_that_the_row_was_or_is_part_of()
    {
        await KeepAsync("third", Products().Where("category_id", 3));
        await KeepAsync("fourth", Products().Where("category_id", 4));
        await KeepAsync("fifth", Products().Where("category_id", 5));
        await KeepAsync("row", Products().Where("id", 7));
        await KeepAsync("another row", Products().Where("id", 8));
        await KeepAsync("cheap", Products().WhereBetween("price", null, 20));
        await KeepAsync("counted", Products().Where("category_id", 3).Using());
        await ChangedAsync(new Change("product", "7")
        {
            Before = Row(7, category: 3, price: 30), After = Row(7, category: 4, price: 30),
        });
        Assert.Equal(["fifth", "another row", "cheap"], Held("third", "fourth", "fifth", "row", "another row", "cheap", "counted"));
    }

    [Fact]
    public async Task A_column_on_which_no_result_depends_invalidates_nothing()
    {
        await KeepAsync("names", Products().Where("category_id", 3).Using("name"));
        await KeepAsync("count", Products().Where("category_id", 3).Using());
        await KeepAsync("all", Products().Where("category_id", 3));
        await ChangedAsync(new Change("product", "7") { Before = Row(7, 3, 30), After = Row(7, 3, 31), Fields = ["price"] });
        Assert.Equal(["names", "count"], Held("names", "count", "all"));
        await ChangedAsync(new Change("product", "7") { Before = Row(7, 3, 30), After = Row(7, 3, 31) });
        Assert.Equal(["names", "count"], Held("names", "count"));
        var (before, after) = (Row(7, 3, 30), Row(7, 3, 31));
        after.Remove("name");
        await ChangedAsync(new Change("product", "7") { Before = before, After = after });
        Assert.Equal(["count"], Held("names", "count"));
    }

    [Fact]
    public async Task Inserted_and_deleted_rows_are_compared_once()
    {
        await KeepAsync("third", Products().Where("category_id", 3));
        await KeepAsync("fourth", Products().Where("category_id", 4));
        await ChangedAsync(new Change("product", "7", ChangeOperation.Create) { After = Row(7, 3, 30), Before = Row(7, 4, 30) });
        Assert.Equal(["fourth"], Held("third", "fourth"));
        await ChangedAsync(new Change("product", "7", ChangeOperation.Delete) { Before = Row(7, 4, 30) });
        Assert.Empty(Held("fourth"));
    }

    [Fact]
    public async Task A_row_that_moves_onto_a_bound_is_found_although_the_query_may_exclude_the_bound()
    {
        await KeepAsync("count below 20", Products().WhereBetween("price", null, 20).Using());
        await ChangedAsync(new Change("product", "7") { Before = Row(7, 3, 19), After = Row(7, 3, 20) });
        Assert.Empty(Held("count below 20"));
        var time = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        await KeepAsync("count at", Products().Where("at", time).Using());
        await ChangedAsync(new Change("product", "7")
        {
            Before = new Dictionary<string, object?>(StringComparer.Ordinal) { ["at"] = time }, After = new Dictionary<string, object?>(StringComparer.Ordinal) { ["at"] = time.AddTicks(1) },
        });
        Assert.Empty(Held("count at"));
    }

    [Theory]
    [InlineData("1.0", "1.00", false)]
    [InlineData("1.0", "1.0", true)]
    public async Task Equal_values_with_other_bytes_count_as_changed(string before, string after, bool isHeld)
    {
        await KeepAsync("prices", Products().Where("id", 7).Using("price"));
        await ChangedAsync(new Change("product", "7")
        {
            Before = new Dictionary<string, object?>(StringComparer.Ordinal) { ["id"] = 7, ["price"] = decimal.Parse(before, System.Globalization.CultureInfo.InvariantCulture) },
            After = new Dictionary<string, object?>(StringComparer.Ordinal) { ["id"] = 7, ["price"] = decimal.Parse(after, System.Globalization.CultureInfo.InvariantCulture) },
        });
        Assert.Equal(isHeld ? ["prices"] : [], Held("prices"));
    }

    [Fact]
    public async Task A_change_without_values_invalidates_every_result_of_the_table()
    {
        await KeepAsync("third", Products().Where("category_id", 3));
        await KeepAsync("orders", Predicate.On("order"));
        await _test.Invalidator.ChangedAsync("product", 7, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["orders"], Held("third", "orders"));
    }

    [Fact]
    public async Task A_value_of_a_type_without_a_form_is_unknown()
    {
        await KeepAsync("third", Products().Where("category_id", 3));
        await KeepAsync("shapes", Products().Where("shape", new Version(1, 2)).Using("name"));
        await ChangedAsync(new Change("product", "7", ChangeOperation.Create)
        {
            After = new Dictionary<string, object?>(StringComparer.Ordinal) { ["category_id"] = new Version(3, 0), ["shape"] = new Version(1, 3) },
        });
        Assert.Empty(Held("third", "shapes"));
    }

    [Fact]
    public async Task A_change_during_the_load_refuses_its_value()
    {
        var gate = new TaskCompletionSource();
        var load = _test.Cache.GetOrCreateAsync(
            "third",
            async (context, _) =>
            {
                await gate.Task;
                context.DependsOn(Products().Where("category_id", 3));
                return 1;
            },
            cancellationToken: TestContext.Current.CancellationToken).AsTask();
        await ChangedAsync(new Change("product", "7", ChangeOperation.Create) { After = Row(7, 3, 30) });
        gate.SetResult();
        Assert.Equal(1, await load);
        Assert.Empty(Held("third"));
    }

    [Fact]
    public async Task A_value_made_from_another_one_depends_on_the_same_rows()
    {
        await KeepAsync("inner", Products().Where("category_id", 3));
        _ = await _test.Cache.GetOrCreateAsync("outer", async token => await _test.Cache.GetOrCreateAsync("inner", _ => new ValueTask<int>(2), cancellationToken: token) + 1, new UnstaleEntryOptions { RecordDependencies = true }, cancellationToken: TestContext.Current.CancellationToken);
        await ChangedAsync(new Change("product", "7", ChangeOperation.Create) { After = Row(7, 3, 30) });
        Assert.Empty(Held("inner", "outer"));
    }

    [Fact]
    public async Task More_predicates_than_64_depend_on_their_tables()
    {
        await KeepAsync("many", [.. Enumerable.Range(0, 64).Select(static id => Products().Where("id", id))]);
        await KeepAsync("more", [.. Enumerable.Range(0, 65).Select(static id => Products().Where("id", id)), Predicate.On("order").Where("id", 1)]);
        await ChangedAsync(new Change("product", "1000", ChangeOperation.Create) { After = Row(1000, 3, 30) });
        Assert.Equal(["many"], Held("many", "more"));
        await ChangedAsync(new Change("product", "63", ChangeOperation.Create) { After = Row(63, 3, 30) });
        Assert.Empty(Held("many"));
    }

    [Fact]
    public async Task Reads_of_a_transaction_see_its_uncommitted_rows()
    {
        await KeepAsync("third", Products().Where("category_id", 3));
        await KeepAsync("fourth", Products().Where("category_id", 4));
        using (_test.Invalidator.BeginScope())
        {
            await ChangedAsync(new Change("product", "7", ChangeOperation.Create) { After = Row(7, 3, 30) });
            Assert.Equal((2, 1), (await ReadAsync("third"), await ReadAsync("fourth")));
        }

        Assert.Equal(["third", "fourth"], Held("third", "fourth"));
        Assert.Equal(1, await ReadAsync("third"));
    }

    [Fact]
    public async Task The_explanation_names_the_change_that_invalidated_a_value()
    {
        await KeepAsync("third", Products().Where("category_id", 3));
        await ChangedAsync(new Change("product", "7") { Before = Row(7, 4, 30), After = Row(7, 5, 30) });
        await ChangedAsync(new Change("product", "8") { Before = Row(8, 3, 30), After = Row(8, 5, 30) });
        var explained = await _test.Cache.ExplainAsync("third", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(EntryState.Invalidated, explained.State);
        var target = Assert.Single(explained.TakenBy!.Targets);
        Assert.Equal(TargetKind.Row, target.Kind);
        Assert.StartsWith("product update old{id=8;", target.Text, StringComparison.Ordinal);
        Assert.Contains("by change of a row: 'product update old{id=8;", explained.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_declared_dependent_of_a_value_is_invalidated_with_it()
    {
        _test.Cache.Rules.AddDependency("report", "third");
        await KeepAsync("report");
        await KeepAsync("third", Products().Where("category_id", 3));
        await ChangedAsync(new Change("product", "7", ChangeOperation.Create) { After = Row(7, 3, 30) });
        Assert.Empty(Held("third", "report"));
    }

    [Fact]
    public void A_context_is_read_only_after_its_factory()
    {
        LoadContext? kept = null;
        _ = _test.Cache.GetOrCreateAsync("k", (context, _) => new ValueTask<LoadContext>(kept = context), cancellationToken: TestContext.Current.CancellationToken).AsTask();
        Assert.Throws<InvalidOperationException>(() => kept!.DependsOn(Products()));
    }

    [Fact]
    public void Names_that_cannot_exist_are_refused()
    {
        Assert.Contains("table", Assert.Throws<ArgumentException>(static () => Predicate.On("")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(static () => Predicate.On("\0x"));
        Assert.Throws<ArgumentException>(static () => Products().Where("", 1));
        Assert.Throws<ArgumentException>(static () => Products().Using("a", ""));
        Assert.Throws<ArgumentNullException>(static () => Products().WhereIn("id", null!));
        Assert.Equal("product[category_id=3|5;price>=1]{name,price}", Products().WhereIn("category_id", (int[])[5, 3]).WhereBetween("price", 1, null).Using("name").ToString());
    }

    private static Predicate Products() => Predicate.On("product");

    private static Dictionary<string, object?> Row(int id, int category, decimal price) =>
        new(StringComparer.Ordinal) { ["id"] = id, ["category_id"] = category, ["price"] = price, ["name"] = "lamp" };

    private Task<InvalidationReceipt> ChangedAsync(Change change) => _test.Invalidator.ChangedAsync(change, TestContext.Current.CancellationToken).AsTask();

    private async Task KeepAsync(string key, params Predicate[] rows)
    {
        _ = await _test.Cache.GetOrCreateAsync(key, (context, _) =>
        {
            foreach (var one in rows)
                context.DependsOn(one);
            return new ValueTask<int>(1);
        }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal([key], Held(key));
    }

    private async Task<int> ReadAsync(string key) => await _test.Cache.GetOrCreateAsync(key, _ => new ValueTask<int>(2), cancellationToken: TestContext.Current.CancellationToken);

    private string[] Held(params string[] keys) => [.. keys.Where(key => _test.Cache.TryGet<int>(key, out _))];
}
