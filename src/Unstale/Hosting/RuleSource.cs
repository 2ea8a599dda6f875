using Unstale.Rules;

namespace Unstale.Hosting;

/// <summary>Where rules of a cache come from. Keyed by the cache's name.</summary>
internal abstract class RuleSource
{
    /// <summary>Adds what it says, and follows it from then on if it may change.</summary>
    /// <exception cref="ArgumentException">It does not hold together.</exception>
    /// <exception cref="InvalidOperationException">It does not hold together.</exception>
    public abstract void AddTo(InvalidationRules rules);
}
