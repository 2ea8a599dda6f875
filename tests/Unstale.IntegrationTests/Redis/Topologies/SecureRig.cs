using System.Security.Cryptography.X509Certificates;
using StackExchange.Redis;

namespace Unstale.IntegrationTests.Redis.Topologies;

/// <summary>
/// Server that accepts TLS only, requires a client certificate, and has a user with few rights. The socket file stays open to the test.
/// </summary>
internal sealed class SecureRig : IAsyncDisposable
{
    private readonly Certificates _certificates = new();
    private readonly X509Certificate2 _own;

    private SecureRig() => _own = _certificates.Issue("client");

    public RedisServer Server { get; private set; } = null!;

    /// <param name="user">Arguments of ACL SETUSER.</param>
    public static async Task<SecureRig> StartAsync(params string[] user)
    {
        var rig = new SecureRig();
        try
        {
            rig.Server = await RedisServer.StartAsync(
                folder => rig._certificates.WriteTo(folder, "localhost"),
                "--tls-port", "{port}", "--tls-cert-file", "{folder}/server.crt", "--tls-key-file", "{folder}/server.key",
                "--tls-ca-cert-file", "{folder}/authority.crt", "--tls-auth-clients", "yes", "--requirepass", "operator", "--enable-debug-command", "yes");
            await rig.Server.ExecuteAsync(["ACL", "SETUSER", .. user]);
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns the settings of an application: its authority, its certificate and its user.</summary>
    public ConfigurationOptions Configuration(string user, string password, string protocol = "resp3")
    {
        var options = ConfigurationOptions.Parse($"localhost:{Server.Port},ssl=true,sslHost=localhost,abortConnect=false,protocol={protocol}");
        (options.User, options.Password) = (user, password);
        options.TrustIssuer(_certificates.Authority);
        options.CertificateSelection += (_, _, _, _, _) => _own;
        return options;
    }

    public async ValueTask DisposeAsync()
    {
        if (Server is not null)
            await Server.DisposeAsync();
        _own.Dispose();
        _certificates.Dispose();
    }
}
