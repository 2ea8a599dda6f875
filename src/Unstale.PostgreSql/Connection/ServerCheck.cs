using Npgsql;
using Unstale.Boundary;
using Unstale.PostgreSql.Schema;
using Unstale.PostgreSql.Telemetry;

namespace Unstale.PostgreSql.Connection;

/// <summary>Checks a new connection before its first call: version and role of the server, and the schema, which is created if permitted.</summary>
internal sealed class ServerCheck(LinkSettings settings, GuardedLogger logger)
{
    /// <summary>Oldest supported version of the server.</summary>
    private const int OldestServer = 14;

    /// <summary>Version of the functions that this assembly calls.</summary>
    private const int SchemaVersion = 1;

    /// <summary>Several nodes may create the schema at once, and each waits for the others.</summary>
    private static readonly TimeSpan CreationLimit = TimeSpan.FromSeconds(30);

    /// <exception cref="DatabaseException">The connection cannot be used.</exception>
    public async Task RunAsync(CallConnection connection)
    {
        // The functions rely on the default isolation, which the user's settings may change.
        await connection.RunAsync(new NpgsqlCommand("SET default_transaction_isolation = 'read committed'")).ConfigureAwait(false);
        var (version, isStandby, syncs) = await connection.CallAsync(
            new NpgsqlCommand("SELECT current_setting('server_version_num')::integer / 10000, pg_is_in_recovery(), current_setting('fsync') = 'on'"),
            static async (rows, limit) =>
            {
                await rows.ReadAsync(limit).ConfigureAwait(false);
                return (rows.GetInt32(0), rows.GetBoolean(1), rows.GetBoolean(2));
            }).ConfigureAwait(false);
        if (version < OldestServer)
            throw Errors.OldServer(settings.Place, version, OldestServer);
        if (isStandby)
            throw Errors.Standby(settings.Place);
        if (!syncs)
            logger.ServerMayLoseCommits(settings.Place);
        if (await VersionAsync(connection).ConfigureAwait(false) < SchemaVersion)
            await CreateAsync(connection).ConfigureAwait(false);
    }

    private async Task CreateAsync(CallConnection connection)
    {
        if (!settings.CreateSchema)
            throw Errors.NoSchema(settings.Place, settings.Schema);
#pragma warning disable CA2100 // The only variable part is the name of the schema, which SchemaName has checked.
        await connection.RunAsync(new NpgsqlCommand(PostgreSqlSchema.Script(settings.Schema)), CreationLimit).ConfigureAwait(false);
#pragma warning restore CA2100
        logger.SchemaCreated(settings.Place, settings.Schema);
    }

    /// <summary>Returns the version of the functions on the server; 0 if there are none.</summary>
    private async Task<int> VersionAsync(CallConnection connection)
    {
        var exists = new NpgsqlCommand("SELECT to_regprocedure($1) IS NOT NULL");
        exists.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"{settings.Schema}.version()" });
        if (!await connection.CallAsync(exists, IsTrue).ConfigureAwait(false))
            return 0;
#pragma warning disable CA2100
        return await connection.CallAsync(new NpgsqlCommand($"SELECT {settings.Schema}.version()"), FirstNumber).ConfigureAwait(false);
#pragma warning restore CA2100
    }

    private static async Task<bool> IsTrue(NpgsqlDataReader rows, CancellationToken limit) => await rows.ReadAsync(limit).ConfigureAwait(false) && rows.GetBoolean(0);

    private static async Task<int> FirstNumber(NpgsqlDataReader rows, CancellationToken limit) => await rows.ReadAsync(limit).ConfigureAwait(false) ? rows.GetInt32(0) : 0;
}
