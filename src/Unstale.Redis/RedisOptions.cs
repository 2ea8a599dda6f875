using StackExchange.Redis;

namespace Unstale.Redis;

/// <summary>
/// Where the log and the second level of one cache are. The server is named by one of <see cref="Configuration"/>, <see cref="ConfigurationOptions"/>
/// and <see cref="ConnectionMultiplexerFactory"/>, or is the one of the container's <see cref="IConnectionMultiplexer"/>. Checked when the host starts.
/// </summary>
public sealed class RedisOptions
{
    /// <summary>The default of <see cref="KeyPrefix"/>.</summary>
    public const string DefaultKeyPrefix = "unstale";

    /// <summary>The default of <see cref="CompressionThreshold"/>, in bytes.</summary>
    public const int DefaultCompressionThreshold = 2048;

    /// <summary>The default of <see cref="LogLength"/>, in records.</summary>
    public const int DefaultLogLength = 100_000;

    /// <summary>
    /// A connection string of StackExchange.Redis (<c>host:port,password=...,ssl=true</c>; several endpoints for a cluster, <c>serviceName</c> for a
    /// Sentinel), or a URI: <c>redis://user:password@host:port/database</c>, <c>rediss://</c> for TLS. Two connections are made to each server. Default: empty.
    /// </summary>
    public string Configuration { get; set; } = "";

    /// <summary>
    /// The same as StackExchange.Redis takes it: for certificates, tokens and proxies. Two connections are made to each server, with time-outs and
    /// a policy of reconnecting of their own. Default: null.
    /// </summary>
    public ConfigurationOptions? ConfigurationOptions { get; set; }

    /// <summary>
    /// Makes a multiplexer. Called twice: one carries tails and pushes, the other values, so that neither waits for the other. Both are disposed with
    /// the cache, unless the same one is given twice, which stays the application's. Default: null.
    /// </summary>
    public Func<Task<IConnectionMultiplexer>>? ConnectionMultiplexerFactory { get; set; }

    /// <summary>
    /// The database of the keys, 0 and up. Default: null, which is <c>defaultDatabase</c> of the connection string, or 0. Needed with a
    /// multiplexer of the application whose default database is another than 0.
    /// </summary>
    public int? Database { get; set; }

    /// <summary>
    /// The text that every key and channel on the server begins with. Caches whose prefixes differ do not see each other. Default: <c>unstale</c>.
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
    /// Number of partitions of the log, 1 to 256. Keys are spread over them by hash, and each partition lies in a slot of its own with its values: set
    /// it in a Redis cluster to one to four times the number of masters. An invalidation of a key reaches one partition, one of a tag all of them. More
    /// than one needs <see cref="UnstaleOptions.RecordDependencies"/> to be false. All services of a log must name the same number; the server stores it
    /// and refuses others. Default: 1.
    /// </summary>
    public int Partitions { get; set; } = 1;

    /// <summary>The expression that gave <c>UseRedis</c> no connection string; null if it gave one or was not asked for one.</summary>
    internal string? MissingFrom { get; set; }
}
