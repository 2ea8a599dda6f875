using Microsoft.Extensions.Caching.Memory;

namespace Unstale.Targets;

/// <summary>
/// Target for an <see cref="IMemoryCache"/>. The interface supports only keys; a <see cref="MemoryCache"/> also lists its keys and can be cleared.
/// </summary>
internal sealed class MemoryCacheTarget(IMemoryCache cache, MemoryCacheTargetOptions options) : ICacheTarget
{
    private readonly MemoryCache? _memory = cache as MemoryCache;

    public TargetAbilities Abilities { get; } =
        TargetAbilities.Keys
        | (options.KeysOfTag is null ? TargetAbilities.None : TargetAbilities.Tags)
        | (cache is MemoryCache && options.KeysOf is null ? TargetAbilities.Patterns : TargetAbilities.None)
        | (cache is MemoryCache ? TargetAbilities.Everything : TargetAbilities.None);

    public ValueTask InvalidateAsync(TargetInvalidation invalidation, CancellationToken cancellationToken)
    {
        if (invalidation.IsEverything)
            _memory!.Clear();
        foreach (var key in invalidation.Keys)
            Remove(options.KeysOf?.Invoke(key) ?? [key]);
        foreach (var tag in invalidation.Tags)
            Remove(options.KeysOfTag!(tag));
        if (invalidation.Patterns.Count > 0)
            Remove(_memory!.Keys.Where(key => key is string text && invalidation.Patterns.Any(pattern => pattern.IsMatch(text))));
        return ValueTask.CompletedTask;
    }

    private void Remove(IEnumerable<object> keys)
    {
        foreach (var key in keys)
            cache.Remove(key);
    }
}
