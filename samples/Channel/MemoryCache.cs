using System.Collections.Concurrent;
using Unstale;
using Unstale.Redis.Channel;

namespace ChannelSample;

/// <summary>Plain cache of an application, invalidated through the channel.</summary>
internal sealed class MemoryCache
{
    private readonly ConcurrentDictionary<string, string> _entries = new(StringComparer.Ordinal);

    public int Count => _entries.Count;

    public void Set(string key, string value) => _entries[key] = value;

    public ValueTask ObeyAsync(InvalidationMessage message, CancellationToken cancellationToken)
    {
        switch (message.Action)
        {
            case MessageAction.Batch:
                var keys = message.EntityIds ?? [];
                Remove(keys);
                Console.WriteLine($"{message.SourceService}: batch_size={keys.Count}");
                break;
            case MessageAction.Pattern when !string.IsNullOrEmpty(message.Pattern):
                var pattern = new GlobPattern(message.Pattern);
                Console.WriteLine($"{message.SourceService}: pattern={pattern} deleted_count={Remove(_entries.Keys.Where(key => pattern.IsMatch(key)))}");
                break;
            case MessageAction.Delete or MessageAction.Update when message.EntityId is { } id:
                var cacheKey = EntityKey.Of(message.EntityType, id);
                Remove([cacheKey]);
                Console.WriteLine($"{message.SourceService}: cache_key={cacheKey}");
                break;
        }

        return default;
    }

    /// <summary>Removes all entries: messages may have been missed, so no entry can be trusted.</summary>
    public ValueTask ForgetAsync(CancellationToken cancellationToken)
    {
        _entries.Clear();
        Console.WriteLine("the subscription was lost: everything forgotten");
        return default;
    }

    private int Remove(IEnumerable<string> keys) => keys.Count(key => _entries.TryRemove(key, out _));
}
