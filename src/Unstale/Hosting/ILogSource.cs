using Unstale.Log;

namespace Unstale.Hosting;

/// <summary>
/// Says where the log of one cache is, without knowing the log's name: that one stands in the cache's options. Registered as a keyed
/// service under the cache's name. All caches that name the log obey it, whether or not they have a source of their own.
/// </summary>
public interface ILogSource
{
    /// <summary>The cache that it was added to.</summary>
    string Cache { get; }

    /// <summary>
    /// Where the log is kept and how, in words that hold no secret. Two sources of one log have to say the same, or the log is refused.
    /// </summary>
    string Place { get; }

    /// <summary>
    /// Number of partitions of the log, at least 1: keys are spread over them by hash, and each is a log of its own. Default: 1.
    /// </summary>
    int Partitions => 1;

    /// <summary>Makes one partition of the log of this name. Called once for each; they are disposed with the caches.</summary>
    /// <param name="log">Name of the log.</param>
    /// <param name="partition">Number of the partition, from 0 to <see cref="Partitions"/> - 1.</param>
    IInvalidationLog Create(string log, int partition);
}
