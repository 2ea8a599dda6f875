using Npgsql;

namespace Unstale.PostgreSql.Capture;

/// <summary>Statements of the change capture. Texts vary only in names that are checked or quoted.</summary>
internal static class Statement
{
    public static async Task ExecuteAsync(this NpgsqlConnection connection, string text, CancellationToken cancellationToken, params object[] values)
    {
        var command = Create(connection, text, values);
        await using var owned = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns the first column of the first row; the default value if there is none, or if it is null.</summary>
    public static async Task<T?> ScalarAsync<T>(this NpgsqlConnection connection, string text, CancellationToken cancellationToken, params object[] values)
    {
        var command = Create(connection, text, values);
        await using var owned = command.ConfigureAwait(false);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is T found ? found : default;
    }

    public static async Task<List<T>> RowsAsync<T>(
        this NpgsqlConnection connection, string text, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken, params object[] values)
    {
        var command = Create(connection, text, values);
        await using var owned = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var read = reader.ConfigureAwait(false);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            rows.Add(map(reader));
        return rows;
    }

    private static NpgsqlCommand Create(NpgsqlConnection connection, string text, object[] values)
    {
#pragma warning disable CA2100 // Variable parts are names that SchemaName has checked, or quoted names.
        var command = new NpgsqlCommand(text, connection);
#pragma warning restore CA2100
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }
}
