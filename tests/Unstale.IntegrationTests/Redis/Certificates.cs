using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Unstale.IntegrationTests.Redis;

/// <summary>Certificate authority of a test, and the certificates it signs.</summary>
internal sealed class Certificates : IDisposable
{
    private static readonly DateTimeOffset Begin = TimeProvider.System.GetUtcNow().AddDays(-1);
    private static readonly DateTimeOffset End = Begin.AddDays(30);

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public Certificates()
    {
        var request = new CertificateRequest("CN=Test authority", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        Authority = request.CreateSelfSigned(Begin, End);
    }

    public X509Certificate2 Authority { get; }

    public X509Certificate2 Issue(string hostName)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={hostName}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(hostName);
        request.CertificateExtensions.Add(names.Build());
        using var bare = request.Create(Authority, Begin, End, RandomNumberGenerator.GetBytes(8));
        return bare.CopyWithPrivateKey(key);
    }

    /// <summary>
    /// Writes the files of a server: its certificate for the host, its key, and the authority that must have signed client certificates.
    /// </summary>
    public void WriteTo(string folder, string hostName)
    {
        using var server = Issue(hostName);
        using var key = server.GetECDsaPrivateKey()!;
        File.WriteAllText(Path.Combine(folder, "server.crt"), server.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "server.key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path.Combine(folder, "authority.crt"), Authority.ExportCertificatePem());
    }

    public void Dispose()
    {
        Authority.Dispose();
        _key.Dispose();
    }
}
