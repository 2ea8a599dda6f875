using System.Security.Cryptography.X509Certificates;

namespace Unstale.Redis;

/// <summary>Where the log and the second level of one cache are, and how they are spoken to. Checked when the host starts.</summary>
public sealed class RedisOptions
{
    /// <summary>The default of <see cref="KeyPrefix"/>.</summary>
    public const string DefaultKeyPrefix = "unstale";

    /// <summary>The default of <see cref="CompressionThreshold"/>, in bytes.</summary>
    public const int DefaultCompressionThreshold = 2048;

    /// <summary>The default of <see cref="LogLength"/>, in records.</summary>
    public const int DefaultLogLength = 100_000;

    /// <summary>
    /// The server: <c>redis://user:password@host:port/database</c>, <c>rediss://</c> for TLS, or
    /// <c>host:port,password=...,ssl=true</c>. It has to be set.
    /// </summary>
    public string Configuration { get; set; } = "";

    /// <summary>
    /// What every key and channel on the server begins with. Caches whose prefixes differ do not see each other. Default: <c>unstale</c>.
    /// </summary>
    public string KeyPrefix { get; set; } = DefaultKeyPrefix;

    /// <summary>
    /// How long a call to the server may take, 10 milliseconds to 1 minute. Default: null, which is <c>asyncTimeout</c> of the
    /// connection string, or 1 second.
    /// </summary>
    public TimeSpan? RequestTimeout { get; set; }

    /// <summary>Values are kept on the server, for all nodes. Without it only invalidations are shared. Default: true.</summary>
    public bool SecondLevel { get; set; } = true;

    /// <summary>
    /// The smallest value that is compressed on the server, in bytes of its serialised form; <see cref="int.MaxValue"/> for none.
    /// Default: 2,048.
    /// </summary>
    public int CompressionThreshold { get; set; } = DefaultCompressionThreshold;

    /// <summary>
    /// How many records the log keeps, about, 100 to 10,000,000; it is kept below 64 MB in any case. A node that missed more forgets
    /// what it holds. Default: 100,000.
    /// </summary>
    public int LogLength { get; set; } = DefaultLogLength;

    /// <summary>
    /// Whether something stands in between that may lead the two connections of a link to different servers. Such a link is refused
    /// otherwise. Default: false.
    /// </summary>
    public bool BehindProxy { get; set; }

    /// <summary>
    /// What <c>CLIENT LIST</c> shows on the server: visible characters of ASCII. Default: null, which is <c>name</c> of the connection
    /// string, or <c>unstale</c>.
    /// </summary>
    public string? ClientName { get; set; }

    /// <summary>
    /// Gives the credentials of the moment: asked before each connection, and again when they are to be renewed. For tokens that expire.
    /// Default: null, which is what the connection string says.
    /// </summary>
    public Func<CancellationToken, ValueTask<RedisCredentials>>? Credentials { get; set; }

    /// <summary>The authorities that may have issued the server's certificate; those of the system while it is empty. Default: empty.</summary>
    public X509Certificate2Collection CertificateAuthorities { get; } = [];

    /// <summary>The certificate to show to the server, with its private key. Default: null.</summary>
    public X509Certificate2? ClientCertificate { get; set; }

    /// <summary>Whether the server's certificate has to be for its host. Its issuer is checked in any case. Default: true.</summary>
    public bool CheckHostName { get; set; } = true;
}
