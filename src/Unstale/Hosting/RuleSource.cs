using Unstale.Rules;

namespace Unstale.Hosting;

/// <summary>Source of rules for a cache. Keyed by the name of the cache.</summary>
internal abstract class RuleSource
{
    /// <summary>Adds the rules of the source. If the source can change, later changes are applied as well.</summary>
    /// <exception cref="ArgumentException">A rule is invalid.</exception>
    /// <exception cref="InvalidOperationException">A rule is invalid.</exception>
    public abstract void AddTo(InvalidationRules rules);
}
