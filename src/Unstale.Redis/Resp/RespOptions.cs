using System.Buffers;
using System.Text;
using Unstale.Boundary;

namespace Unstale.Redis.Resp;

/// <summary>How connections to one server are made and what they may take. It never prints its password.</summary>
internal sealed record RespOptions
{
    public static readonly TimeSpan DefaultConnectTimeout = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan DefaultCommandTimeout = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan DefaultKeepAlive = TimeSpan.FromSeconds(10);

    public required RespEndPoint EndPoint { get; init; }

    /// <summary>The user and password, or null for none.</summary>
    public RespCredentials? Credentials { get; init; }

    /// <summary>Asked before each connection in place of <see cref="Credentials"/>.</summary>
    public RespCredentialsSource? CredentialsSource { get; init; }

    public int Database { get; init; }

    /// <summary>What CLIENT LIST shows.</summary>
    public string ClientName { get; init; } = "unstale";

    /// <summary>Null for a connection in the clear.</summary>
    public RespTls? Tls { get; init; }

    /// <summary>For the socket, TLS and the handshake together; 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = DefaultConnectTimeout;

    /// <summary>How long a caller waits for a reply; 1 s.</summary>
    public TimeSpan CommandTimeout { get; init; } = DefaultCommandTimeout;

    /// <summary>A server silent for so long is asked for a sign of life, and left when none comes within the same time; 10 s.</summary>
    public TimeSpan KeepAlive { get; init; } = DefaultKeepAlive;

    /// <summary>Commands without a reply beyond this make callers wait; 8 MB.</summary>
    public long MaximumBytesInFlight { get; init; } = 8 << 20;

    /// <summary>Pushes that may wait for their handler; 8192.</summary>
    public int PushCapacity { get; init; } = 8192;

    public RespLimits Limits { get; init; } = RespLimits.Default;

    public RespBackoff Backoff { get; init; } = RespBackoff.Default;

    public GuardedTime TimeProvider { get; init; } = GuardedTime.Over(System.TimeProvider.System);

    /// <summary>Reads a <c>redis://</c> or <c>rediss://</c> URI or a <c>host:port,name=value</c> string.</summary>
    /// <exception cref="FormatException">A part of it is not understood. The message names the setting and its place, and nothing of the text.</exception>
    public static RespOptions Parse(string text)
    {
        // A file that holds the string ends its line; elsewhere a control character or half a surrogate pair cannot be sent as it is.
        var line = text.TrimEnd('\r', '\n');
        return !IsText(line) ? throw Errors.ConnectionStringText()
            : RespUriFormat.IsUri(line) ? RespUriFormat.Parse(line)
            : RespListFormat.Parse(line);
    }

    public override string ToString() => $"{EndPoint}/{Database}";

    private static bool IsText(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out var letter, out var length) != OperationStatus.Done || Rune.IsControl(letter))
            {
                return false;
            }

            text = text[length..];
        }

        return true;
    }
}
