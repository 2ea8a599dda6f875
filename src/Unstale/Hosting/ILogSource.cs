using Unstale.Log;

namespace Unstale.Hosting;

/// <summary>
/// Source of the log of one cache, registered as a keyed service under the name of the cache. A source does not contain the name of the log, which
/// is set in the options of the cache. All caches that name the log use the log of the source, with or without a source of their own.
/// </summary>
internal interface ILogSource
{
    /// <summary>Name of the cache to which the source was added.</summary>
    string Cache { get; }

    /// <summary>
    /// Location and storage of the log, in a text without secrets. All sources of one log must return the same text; otherwise the log is rejected.
    /// </summary>
    string Place { get; }

    /// <summary>Number of partitions of the log. Keys are distributed by hash, and each partition is a log of its own. Minimum: 1. Default: 1.</summary>
    int Partitions => 1;

    /// <summary>Creates one partition of a log. Called once for each partition. The partitions are disposed with the caches.</summary>
    /// <param name="log">Name of the log.</param>
    /// <param name="partition">Number of the partition, from 0 to <see cref="Partitions"/> - 1.</param>
    IInvalidationLog Create(string log, int partition);
}
