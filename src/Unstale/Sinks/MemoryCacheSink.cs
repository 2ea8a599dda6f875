using Microsoft.Extensions.Caching.Memory;

namespace Unstale.Sinks;

/// <summary>
/// Sink for an <see cref="IMemoryCache"/>. The interface supports only keys; a <see cref="MemoryCache"/> also lists its keys and can be cleared.
/// </summary>
internal sealed class MemoryCacheSink(IMemoryCache cache, MemoryCacheSinkOptions options) : IInvalidationSink
{
    private readonly MemoryCache? _memory = cache as MemoryCache;

    public SinkCapabilities Capabilities { get; } =
        SinkCapabilities.Keys
        | (options.KeysOfTag is null ? SinkCapabilities.None : SinkCapabilities.Tags)
        | (cache is MemoryCache && options.KeysOf is null ? SinkCapabilities.Patterns : SinkCapabilities.None)
        | (cache is MemoryCache ? SinkCapabilities.Everything : SinkCapabilities.None);

    public ValueTask InvalidateAsync(SinkInvalidation invalidation, CancellationToken cancellationToken)
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
