using Unstale.Boundary;
using Unstale.Redis.Resp;

namespace Unstale.Redis.Hosting;

/// <summary>What the options say about connections, in the client's terms.</summary>
internal static class RedisConnections
{
    /// <summary>The connection string, and over it what the options set. Throws a <see cref="FormatException"/> for a bad string.</summary>
    public static RespOptions Read(RedisOptions options, TimeProvider time)
    {
        var read = RespOptions.Parse(options.Configuration);
        return read with
        {
            ClientName = options.ClientName ?? read.ClientName,
            CommandTimeout = options.RequestTimeout ?? read.CommandTimeout,
            CredentialsSource = options.Credentials is { } ask ? ct => AskAsync(ask, ct) : null,
            Tls = read.Tls is { } tls ? tls with
            {
                Authorities = options.CertificateAuthorities is { Count: > 0 } authorities ? authorities : null,
                ClientCertificate = options.ClientCertificate,
                CheckHostName = options.CheckHostName,
            }
            : null,
            TimeProvider = GuardedTime.Over(time),
        };
    }

    private static async ValueTask<RespCredentials> AskAsync(Func<CancellationToken, ValueTask<RedisCredentials>> ask, CancellationToken ct)
    {
        var given = await ask(ct).ConfigureAwait(false);
        return new RespCredentials(given.User, given.Password, given.RenewAfter);
    }
}
