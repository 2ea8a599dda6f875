using System.Text;

namespace Unstale.Redis.Resp;

/// <summary>The first words on a connection: RESP3, who we are, which database, and who the server is.</summary>
internal static class RespHandshake
{
    private static readonly Version Oldest = new(6, 2);

    public static async ValueTask<RespCredentials?> CredentialsAsync(RespEndPoint endPoint, RespOptions options, CancellationToken ct)
    {
        if (options.CredentialsSource is not { } source)
        {
            return options.Credentials;
        }

        try
        {
            return await source(ct).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw Errors.CredentialsFailed(endPoint, error);
        }
    }

    public static async Task<RespServerInfo> RunAsync(
        RespConnection connection, RespOptions options, RespCredentials? credentials, CancellationToken ct)
    {
        var info = Describe(await HelloAsync(connection, options, credentials, ct).ConfigureAwait(false));
        if (info.Name == "redis" && info.Version is { } version && version < Oldest)
        {
            throw Errors.ServerTooOld(connection.EndPoint, version);
        }

        if (info.Mode == "sentinel")
        {
            throw Errors.ServerIsSentinel(connection.EndPoint);
        }

        if (options.Database != 0)
        {
            await SelectAsync(connection, options.Database, ct).ConfigureAwait(false);
        }

        return info with { RunId = await RunIdAsync(connection, ct).ConfigureAwait(false) };
    }

    /// <summary>Authenticates a connection again, with new credentials.</summary>
    public static async Task AuthenticateAsync(RespConnection connection, RespCredentials credentials, CancellationToken ct)
    {
        using var command = RespCommand.Create("AUTH").Arg(credentials.EffectiveUser).Arg(credentials.Password);
        try
        {
            await connection.CallAsync(command, ct).ConfigureAwait(false);
        }
        catch (RespServerException refused)
        {
            throw Refused(connection, refused, credentials);
        }
    }

    private static async Task<RespReply> HelloAsync(RespConnection connection, RespOptions options, RespCredentials? credentials, CancellationToken ct)
    {
        using var command = RespCommand.Create("HELLO").Arg(3);
        if (credentials is not null)
        {
            command.Arg("AUTH").Arg(credentials.EffectiveUser).Arg(credentials.Password);
        }

        command.Arg("SETNAME").Arg(options.ClientName);
        try
        {
            var reply = await connection.CallAsync(command, Timeout.InfiniteTimeSpan, ct).ConfigureAwait(false);
            return reply.Type == RespType.Map ? reply : throw Errors.ServerWithoutResp3(connection.EndPoint);
        }
        catch (RespServerException refused)
        {
            throw Refused(connection, refused, credentials);
        }
    }

    private static RespException Refused(RespConnection connection, RespServerException refused, RespCredentials? credentials) => refused.Kind switch
    {
        RespErrorKind.WrongPassword => Errors.WrongPassword(connection.EndPoint, credentials),
        RespErrorKind.NotAuthenticated => Errors.PasswordWanted(connection.EndPoint),
        RespErrorKind.Other when refused.Message.Contains("NOPROTO", StringComparison.Ordinal)
            || refused.Message.Contains("unknown command", StringComparison.Ordinal) => Errors.ServerWithoutResp3(connection.EndPoint),
        RespErrorKind.Other when refused.Message.Contains("max number of clients", StringComparison.Ordinal) => Errors.TooManyClients(connection.EndPoint),
        RespErrorKind.Other when refused.Message.Contains("protected mode", StringComparison.Ordinal) => Errors.ProtectedMode(connection.EndPoint),

        // The server may repeat what it was sent: whole, cut or escaped.
        _ when credentials is not null => Errors.HandshakeRefused(connection.EndPoint, refused.Kind),
        _ => refused,
    };

    private static async Task SelectAsync(RespConnection connection, int database, CancellationToken ct)
    {
        using var command = RespCommand.Create("SELECT").Arg(database);
        try
        {
            await connection.CallAsync(command, Timeout.InfiniteTimeSpan, ct).ConfigureAwait(false);
        }
        catch (RespServerException refused) when (refused.Kind == RespErrorKind.Other)
        {
            throw Errors.NoSuchDatabase(connection.EndPoint, database);
        }
    }

    private static async Task<string?> RunIdAsync(RespConnection connection, CancellationToken ct)
    {
        using var command = RespCommand.Create("INFO").Arg("server");
        try
        {
            var reply = await connection.CallAsync(command, Timeout.InfiniteTimeSpan, ct).ConfigureAwait(false);
            return RunId(reply.Text());
        }
        catch (RespServerException refused) when (refused.Kind is RespErrorKind.NoPermission or RespErrorKind.Other)
        {
            return null;
        }
    }

    private static string? RunId(string info)
    {
        foreach (var line in info.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("run_id:", StringComparison.Ordinal) && line.Length > "run_id:".Length)
            {
                return line["run_id:".Length..].ToString();
            }
        }

        return null;
    }

    private static RespServerInfo Describe(RespReply hello) => new(
        Text(hello.Field("server"u8)),
        Version.TryParse(Text(hello.Field("version"u8)), out var version) ? version : null,
        Text(hello.Field("mode"u8)),
        Text(hello.Field("role"u8)),
        RunId: null);

    private static string Text(RespReply reply) => reply.Type is RespType.Bulk or RespType.SimpleString or RespType.Verbatim ? Encoding.UTF8.GetString(reply.Bytes) : "";
}
