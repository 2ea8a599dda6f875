using System.Security.Cryptography.X509Certificates;

namespace Unstale.Redis.Resp;

/// <summary>How a connection is encrypted and whom it trusts.</summary>
internal sealed record RespTls
{
    /// <summary>The authorities to trust in place of the system's.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>The certificate to show, with its private key.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>The name that the server's certificate has to carry; the host when null.</summary>
    public string? HostName { get; init; }

    /// <summary>Whether the certificate has to be for this host. Its issuer is checked in any case.</summary>
    public bool CheckHostName { get; init; } = true;
}
