using StackExchange.Redis;

namespace Unstale.Redis;

/// <summary>
/// Location of the log and of the second level of one cache. The server is given by one of <see cref="Configuration"/>,
/// <see cref="ConfigurationOptions"/> and <see cref="ConnectionMultiplexerFactory"/>, or else by the <see cref="IConnectionMultiplexer"/> of the container.
/// The options are validated when the host starts.
/// </summary>
public sealed class RedisOptions
{
    /// <summary>Default of <see cref="KeyPrefix"/>.</summary>
    public const string DefaultKeyPrefix = "unstale";

    /// <summary>Default of <see cref="CompressionThreshold"/>, in bytes.</summary>
    public const int DefaultCompressionThreshold = 2048;

    /// <summary>Default of <see cref="LogLength"/>, in records.</summary>
    public const int DefaultLogLength = 100_000;

    /// <summary>
    /// Connection string of StackExchange.Redis (<c>host:port,password=...,ssl=true</c>; several endpoints for a cluster, <c>serviceName</c> for a
    /// Sentinel), or a URI: <c>redis://user:password@host:port/database</c>, <c>rediss://</c> for TLS. The cache opens two connections to each server.
    /// Default: empty.
    /// </summary>
    public string Configuration { get; set; } = "";

    /// <summary>
    /// Options of StackExchange.Redis, for certificates, tokens and proxies. The cache opens two connections to each server, and sets the time-outs and
    /// the reconnect policy itself. Default: null.
    /// </summary>
    public ConfigurationOptions? ConfigurationOptions { get; set; }

    /// <summary>
    /// Factory of a multiplexer, called twice: one multiplexer carries tails and pushes, the other carries values, so that neither waits for the other.
    /// Both are disposed with the cache. If the factory returns the same multiplexer twice, the application owns that multiplexer. Default: null.
    /// </summary>
    public Func<Task<IConnectionMultiplexer>>? ConnectionMultiplexerFactory { get; set; }

    /// <summary>
    /// Database of the keys, 0 or higher. Must be set for a multiplexer of the application whose default database is not 0. Default: null, which means
    /// <c>defaultDatabase</c> of the connection string, or 0.
    /// </summary>
    public int? Database { get; set; }

    /// <summary>
    /// Prefix of every key and channel on the server. Caches with different prefixes do not see each other. Default: <c>unstale</c>.
    /// </summary>
    public string KeyPrefix { get; set; } = DefaultKeyPrefix;

    /// <summary>
    /// Time limit of a call to the server, from 10 milliseconds to 1 minute. Default: null, which means <c>asyncTimeout</c> of the connection string, or
    /// 1 second.
    /// </summary>
    public TimeSpan? RequestTimeout { get; set; }

    /// <summary>Whether values are stored on the server for all nodes. If false, nodes share invalidations only. Default: true.</summary>
    public bool SecondLevel { get; set; } = true;

    /// <summary>
    /// Smallest value that is compressed on the server, in bytes of its serialised form. <see cref="int.MaxValue"/> disables compression.
    /// Default: 2,048.
    /// </summary>
    public int CompressionThreshold { get; set; } = DefaultCompressionThreshold;

    /// <summary>
    /// Approximate number of records that the log retains, from 100 to 10,000,000. The log never exceeds 64 MB. A node that missed more records resets
    /// and forgets everything held. Default: 100,000.
    /// </summary>
    public int LogLength { get; set; } = DefaultLogLength;

    /// <summary>
    /// Number of partitions of the log, from 1 to 256. Keys are distributed over the partitions by hash. Each partition occupies a slot of its own together
    /// with its values: in a Redis cluster, set one to four times the number of masters. An invalidation of a key reaches one partition; an invalidation of
    /// a tag reaches all partitions. More than one partition requires <see cref="UnstaleOptions.RecordDependencies"/> to be false. All services of a log must
    /// use the same number; the server stores the number and refuses others. Default: 1.
    /// </summary>
    public int Partitions { get; set; } = 1;

    /// <summary>Expression without a connection string in the call of <c>UseRedis</c>; null if the call has one or needs none.</summary>
    internal string? MissingFrom { get; set; }
}
