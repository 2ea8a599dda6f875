using Unstale.Memory;

namespace Unstale;

/// <content>Namespaces.</content>
public sealed partial class UnstaleCache
{
    /// <summary>
    /// Returns a view of this cache with separate keys. All entries of a namespace can be invalidated together, with one record in the log. Use a
    /// namespace per tenant or module, or to hand out a part of the cache as a <c>HybridCache</c>.
    /// </summary>
    /// <param name="name">
    /// Name of the namespace. Two names that differ in any character are two namespaces. Untrusted input is safe: no name gives access to the keys of
    /// another namespace.
    /// </param>
    /// <exception cref="ArgumentException">The name is empty, too long, or contains an unpaired surrogate.</exception>
    public CacheNamespace Namespace(string name) => new(this, outer: null, name);

    /// <summary>Maximum length of a key and of a tag, in characters.</summary>
    internal int MaximumKeyLength => _options.MaximumKeyLength;

    /// <summary>Reads a value from memory if it is a plain hit. For keys built on the stack.</summary>
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
