using System.Reflection;
using Npgsql;
using Unstale.PostgreSql.Schema;

namespace Unstale.PostgreSql;

/// <summary>
/// Tables and functions of a log in PostgreSQL. Use the script in a migration if the user of the application must not create tables; see
/// <see cref="PostgreSqlLogOptions.CreateSchema"/>.
/// </summary>
public static class PostgreSqlSchema
{
    private const string Placeholder = "unstale_schema";

    /// <summary>Returns the SQL script that creates the schema, its tables and its functions. The script may run again, and upgrades an older version.</summary>
    /// <param name="schema">Name of the schema; see <see cref="PostgreSqlLogOptions.Schema"/>. Default: <c>unstale</c>.</param>
    /// <exception cref="ArgumentException">The name is not a permitted name of a schema.</exception>
    public static string Script(string schema = PostgreSqlLogOptions.DefaultSchema) => SchemaName.IsValid(schema)
        ? Text().Replace(Placeholder, schema, StringComparison.Ordinal)
        : throw new ArgumentException(Errors.SchemaName(schema), nameof(schema));

    /// <summary>Runs the script in one transaction. Concurrent calls wait for each other.</summary>
    /// <param name="dataSource">Database, as a user with the right to create the schema.</param>
    /// <param name="schema">Name of the schema; see <see cref="PostgreSqlLogOptions.Schema"/>. Default: <c>unstale</c>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="ArgumentException">The name is not a permitted name of a schema.</exception>
    /// <exception cref="NpgsqlException">The server cannot be reached, or refuses the script.</exception>
    public static async Task CreateAsync(
        NpgsqlDataSource dataSource, string schema = PostgreSqlLogOptions.DefaultSchema, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        var script = Script(schema);
        var connection = await dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var owned = connection.ConfigureAwait(false);
        await CreateAsync(connection, script, cancellationToken).ConfigureAwait(false);
    }

    internal static async Task CreateAsync(NpgsqlConnection connection, string script, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // The only variable part is the name of the schema, which SchemaName has checked.
        using var command = new NpgsqlCommand(script, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static string Text()
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("schema.sql")!);
        return reader.ReadToEnd();
    }
}
