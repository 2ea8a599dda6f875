using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Unstale.Redis.Resp;

/// <summary>Opens the stream that a connection runs on: a socket, with TLS over it if asked for.</summary>
internal static class RespTransport
{
    public static async Task<Stream> OpenAsync(RespEndPoint endPoint, RespOptions options, CancellationToken ct)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            await socket.ConnectAsync(endPoint.Host, endPoint.Port, ct).ConfigureAwait(false);
            var stream = new NetworkStream(socket, ownsSocket: true);
            return options.Tls is { } tls ? await EncryptAsync(stream, endPoint, tls, ct).ConfigureAwait(false) : stream;
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw Errors.CannotReach(endPoint, error);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<Stream> EncryptAsync(NetworkStream inner, RespEndPoint endPoint, RespTls tls, CancellationToken ct)
    {
        var stream = new SslStream(inner);
        try
        {
            await stream.AuthenticateAsClientAsync(Authentication(endPoint, tls), ct).ConfigureAwait(false);
            return stream;
        }
        catch (Exception error) when (error is AuthenticationException or IOException)
        {
            throw Errors.TlsFailed(endPoint, error);
        }
    }

    private static SslClientAuthenticationOptions Authentication(RespEndPoint endPoint, RespTls tls)
    {
        var options = new SslClientAuthenticationOptions { TargetHost = tls.HostName ?? endPoint.Host };
        if (tls.ClientCertificate is { } own)
        {
            options.ClientCertificates = [own];
        }

        if (tls.Authorities is { } authorities)
        {
            // Private authorities rarely publish lists of what they have revoked.
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        if (!tls.CheckHostName)
        {
            options.RemoteCertificateValidationCallback = static (_, _, _, errors) =>
                (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None;
        }

        return options;
    }
}
