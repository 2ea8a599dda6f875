using Unstale.PostgreSql.Outbox;
using Unstale.Predicates;
using Unstale.Rules;
using Xunit;

namespace Unstale.DatabaseTests.PostgreSql.Outbox;

public sealed class ChangeJsonTests
{
    private enum Mood
    {
        Sad = 3,
    }

    [Fact]
    public void A_change_is_read_as_it_was_written()
    {
        var change = new Change("products", "4", ChangeOperation.Delete)
        {
            Fields = ["price", "näme"], Scope = ChangeScope.Entity, Context = new Dictionary<string, object?> { ["user"] = 7, ["tags"] = new[] { "a", "b" }, ["mood"] = Mood.Sad },
        };
        var read = ChangeJson.Read(ChangeJson.Write(change));
        Assert.Equal(("products", "4", ChangeOperation.Delete, ChangeScope.Entity), (read.Resource, read.Id, read.Operation, read.Scope));
        Assert.Equal(["price", "näme"], read.Fields);
        Assert.Equal(7L, read.Context["user"]);
        Assert.Equal(["a", "b"], ((IEnumerable<object?>)read.Context["tags"]!).Cast<string>());
        Assert.Equal("Sad", read.Context["mood"]);
    }

    [Fact]
    public void Values_of_columns_keep_their_forms_and_their_scale()
    {
        Dictionary<string, object?> row = new(StringComparer.Ordinal)
        {
            ["a"] = null, ["b"] = true, ["c"] = 'c', ["d"] = "text \"quoted\" <ü>", ["e"] = Mood.Sad, ["f"] = long.MaxValue, ["g"] = 1.50m, ["h"] = ulong.MaxValue,
            ["i"] = double.NaN, ["j"] = 0.1f, ["k"] = -0.0, ["l"] = Guid.Parse("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"), ["m"] = new byte[] { 1, 255 },
            ["n"] = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(9)), ["o"] = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc),
            ["p"] = new DateOnly(2026, 1, 2), ["q"] = new TimeOnly(1, 2), ["r"] = TimeSpan.FromHours(-1), ["s"] = new Uri("http://unknown"),
        };
        var changed = new Change("products") { Before = row, After = new Dictionary<string, object?>(row, StringComparer.Ordinal) { ["g"] = 1.5m, ["f"] = 4 } };
        var read = ChangeJson.Read(ChangeJson.Write(changed));
        Assert.Equal(ReportedRow.Of(changed, ColumnHash.Unkeyed)!.Text.Replace(",s", "", StringComparison.Ordinal), ReportedRow.Of(read, ColumnHash.Unkeyed)!.Text);
        Assert.False(read.Before!.ContainsKey("s"));
    }

    [Fact]
    public void A_fact_that_the_table_cannot_hold_is_refused()
    {
        var refused = Assert.Throws<ArgumentException>(() => ChangeJson.Write(new Change("products") { Context = new Dictionary<string, object?> { ["at"] = DateTime.MinValue } }));
        Assert.StartsWith("The fact 'at' of the change is a DateTime", refused.Message, StringComparison.Ordinal);
    }
}
