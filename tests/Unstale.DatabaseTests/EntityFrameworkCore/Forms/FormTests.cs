using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;
using Unstale.EntityFrameworkCore.Forms;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.Predicates;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Forms;

/// <summary>
/// Forms against the comparisons of the real database: a stored value that the database finds equal to a parameter has the same form, an exact form is
/// equal only then, and forms have the order of the database.
/// </summary>
[Collection<PostgresCollection>]
public sealed class FormTests(PostgresServer server)
{
    private const int Pairs = 60;
    private const int Seed = 7;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Forms_are_as_coarse_as_the_equality_of_SQLite()
    {
        await using var connection = new SqliteConnection("Data Source=:memory:");
        await connection.OpenAsync(Stop);
        await using var context = new FormContext(new DbContextOptionsBuilder<FormContext>().UseSqlite(connection).Options);
        await CompareAsync(context, 21);
    }

    [Fact]
    public async Task Forms_are_as_coarse_as_the_equality_of_PostgreSQL()
    {
        await using var context = new FormContext(new DbContextOptionsBuilder<FormContext>().UseNpgsql(await server.CreateDatabaseAsync()).Options);
        await CompareAsync(context, 21);
    }

    [Fact]
    public void A_type_or_collation_without_a_known_equality_has_no_form()
    {
        using var context = new FormContext(new DbContextOptionsBuilder<FormContext>().UseNpgsql("Host=none").Options);
        using var sqlite = new FormContext(new DbContextOptionsBuilder<FormContext>().UseSqlite("Data Source=:memory:").Options);
        var (columns, others) = (Columns(context), Columns(sqlite));
        Assert.Null(ColumnForm.For(columns["Text"].StoreTypeMapping, "case_insensitive", context.Database.ProviderName));
        Assert.NotNull(ColumnForm.For(columns["Text"].StoreTypeMapping, "de-x-icu", context.Database.ProviderName));
        Assert.Null(ColumnForm.For(others["Text"].StoreTypeMapping, "UNICODE", sqlite.Database.ProviderName));
        Assert.Null(ColumnForm.For(others["Text"].StoreTypeMapping, collation: null, "Another.Provider"));
        Assert.NotNull(ColumnForm.For(others["Number"].StoreTypeMapping, collation: null, "Another.Provider"));
        Assert.NotNull(ColumnForm.For(others["Guid"].StoreTypeMapping, collation: null, "Another.Provider"));
        Assert.Null(ColumnForm.For(mapping: null, collation: null, sqlite.Database.ProviderName));
    }

    [Fact]
    public void A_value_that_the_database_would_alter_has_no_form()
    {
        using var context = new FormContext(new DbContextOptionsBuilder<FormContext>().UseNpgsql("Host=none").Options);
        var columns = Columns(context);
        Assert.False(TryCreate("Money", 1.005m));
        Assert.True(TryCreate("Money", 1.010m));
        Assert.True(TryCreate("Free", 1.005m));
        Assert.False(TryCreate("Time", new DateTime(2020, 1, 1).AddTicks(10)));
        Assert.True(TryCreate("Time", new DateTime(2020, 1, 1).AddMilliseconds(1)));
        Assert.False(TryCreate("Clock", new TimeOnly(5)));
        Assert.False(TryCreate("Trimmed", "a    "));
        Assert.True(TryCreate("Level", (short)1)); // a compiled comparison passes the integer

        bool TryCreate(string column, object value) =>
            ColumnForm.For(columns[column].StoreTypeMapping, collation: null, context.Database.ProviderName)!.TryCreate(value, ColumnHash.Unkeyed, out _);
    }

    private static Dictionary<string, IColumn> Columns(DbContext context) =>
        context.GetService<IDesignTimeModel>().Model.GetRelationalModel().Tables.Single().Columns.ToDictionary(static column => column.Name, StringComparer.Ordinal);

    private static async Task CompareAsync(FormContext context, int columns)
    {
        var random = new Random(Seed);
        await context.Database.EnsureCreatedAsync(Stop);
        await context.Database.OpenConnectionAsync(Stop);
        var compared = 0;
        foreach (var column in Columns(context).Values.Where(static column => column.Name != "Id"))
        {
            var form = ColumnForm.For(column.StoreTypeMapping, column.Collation, context.Database.ProviderName);
            if (form is null)
                continue;
            compared++;
            var equal = 0;
            for (var i = 0; i < Pairs; i++)
                equal += await CompareAsync(context, column, form, SampleValues.Of(random, column.Name), SampleValues.Of(random, column.Name)) ? 1 : 0;
            Assert.NotEqual(0, equal);
        }

        Assert.Equal(columns, compared);
    }

    /// <summary>Stores one value, and compares it with another one in the database and by form. Returns whether the database finds them equal.</summary>
    private static async Task<bool> CompareAsync(FormContext context, IColumn column, ColumnForm form, object? stored, object? compared)
    {
        await using var command = context.Database.GetDbConnection().CreateCommand();
        Add(command, "stored", column, stored);
        Add(command, "compared", column, compared);
        var name = $"\"{column.Name}\"";
        command.CommandText = $"""
            DELETE FROM "Samples"; INSERT INTO "Samples" ("Id", {name}) VALUES (1, @stored);
            SELECT {name} = @compared OR ({name} IS NULL AND @compared IS NULL), {name} <= @compared, {name} >= @compared FROM "Samples"
            """;
        var (equal, below, above) = (false, false, false);
        try
        {
            await using var reader = await command.ExecuteReaderAsync(Stop);
            await reader.ReadAsync(Stop);
            (equal, below, above) = (IsTrue(reader, 0), IsTrue(reader, 1), IsTrue(reader, 2));
        }
        catch (PostgresException refused) when (refused.SqlState is "22001" or "22003")
        {
            return false; // too long or too large for the column
        }

        if (!form.TryCreate(stored, ColumnHash.Unkeyed, out var one) || !form.TryCreate(compared, ColumnHash.Unkeyed, out var other))
            return equal;
        var pair = $"{column.Name}: {stored} and {compared}";
        Assert.True(!equal || one.Equals(other), $"{pair} are equal in the database, and have the forms {one} and {other}.");
        Assert.True(!form.IsExact || equal || !one.Equals(other), $"{pair} differ in the database, and have the exact form {one}.");
        if (form.HasOrder && !one.IsNull && !other.IsNull)
        {
            Assert.True(!below || ColumnValue.Compare(one, other) <= 0, $"{pair}: ordered in the database, not by form.");
            Assert.True(!above || ColumnValue.Compare(one, other) >= 0, $"{pair}: ordered in the database, not by form.");
        }

        return equal;
    }

    private static void Add(DbCommand command, string name, IColumn column, object? value) =>
        command.Parameters.Add(column.PropertyMappings[0].TypeMapping.CreateParameter(command, name, value, nullable: true));

    private static bool IsTrue(DbDataReader reader, int ordinal) => !reader.IsDBNull(ordinal) && Convert.ToBoolean(reader.GetValue(ordinal), System.Globalization.CultureInfo.InvariantCulture);
}
