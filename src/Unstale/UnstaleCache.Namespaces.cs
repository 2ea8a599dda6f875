using Unstale.Store;

namespace Unstale;

/// <content>What its namespaces need.</content>
public sealed partial class UnstaleCache
{
    /// <summary>
    /// A view of this cache in which all keys are the namespace's own, and all entries go stale together at the cost of one record.
    /// </summary>
    /// <param name="name">
    /// The name; two names that differ in anything are two namespaces. It may come from anywhere: no name gets at the keys of another.
    /// </param>
    /// <exception cref="ArgumentException">The name is empty, too long, or holds half of a surrogate pair.</exception>
    public CacheNamespace Namespace(string name) => new(this, outer: null, name);

    /// <summary>The longest tag, and the longest key.</summary>
    internal int MaximumKeyLength => _options.MaximumKeyLength;

    /// <summary>The hit alone, for a key that was put together on the stack.</summary>
    internal bool TryHit<T>(ReadOnlySpan<char> key, out T value)
    {
        if (FindHit(key) is ValueEntry<T> hit)
        {
            value = Counted(hit);
            return true;
        }

        value = default!;
        return false;
    }
}
