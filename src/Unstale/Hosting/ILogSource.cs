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

    /// <summary>Makes the log of this name. Called once for a log; the log is disposed with the caches.</summary>
    IInvalidationLog Create(string log);
}
