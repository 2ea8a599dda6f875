using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Unstale.Benchmarks.InProcess.Hits;

namespace Unstale.Benchmarks.InProcess.Peers;

/// <summary>Limit: a dictionary without expiry, eviction and tags.</summary>
internal sealed class DictionaryPeer : IMemoryPeer
{
    private readonly ConcurrentDictionary<string, object> _dictionary = new(StringComparer.Ordinal);
    private readonly Func<string, object> _factory;
    private int _loads;

    public DictionaryPeer() => _factory = _ =>
    {
        _loads++;
        return Keys.Value;
    };

    public HitLoop Hits(string[] keys, string[]? tags) => new DictionaryHits(_dictionary, keys);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public int Load(string[] keys, string[][]? tags)
    {
        var before = _loads;
        foreach (var key in keys)
            _dictionary.GetOrAdd(key, _factory);
        return _loads - before;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Set(string[] keys, string[][]? tags)
    {
        foreach (var key in keys)
            _dictionary[key] = Keys.Value;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Remove(string[] keys)
    {
        foreach (var key in keys)
            _dictionary.TryRemove(key, out _);
    }

    public void Dispose() => _dictionary.Clear();
}
