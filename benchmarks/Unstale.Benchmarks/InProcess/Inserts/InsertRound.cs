using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.InProcess.Inserts;

/// <summary>Inserts of new keys with three tags into an empty store. Keys and tag arrays are created beforehand, for all alike.</summary>
internal sealed class InsertRound
{
    private const int Tags = 3;
    private readonly string[] _names;
    private readonly string[] _keys;
    private readonly string[][] _tags;

    public InsertRound(int entries)
    {
        _names = Keys.SharedTagNames(entries, Tags);
        _keys = Keys.Range(0, entries);
        _tags = [.. Enumerable.Range(0, entries).Select(number => Keys.SharedTags(_names, number, Tags))];
    }

    public int Entries => _keys.Length;

    public BareInserts NewBare() => new(_names);

    public BenchmarkCache NewCache() => new(_keys.Length);

    public void Bare(BareInserts bare) => bare.Run(_keys, _tags);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Load(BenchmarkCache cache) => Load(cache.Hybrid, _keys, _tags);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Set(BenchmarkCache cache) => Set(cache.Hybrid, _keys, _tags);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void MemoryCache(MemoryCache cache)
    {
        foreach (var key in _keys)
            cache.Set(key, Keys.Value, TimeSpan.FromHours(1));
    }

    private static void Load(HybridCache cache, string[] keys, string[][] tags)
    {
        for (var index = 0; index < keys.Length; index++)
            cache.GetOrCreateAsync(keys[index], Keys.Value, static (value, _) => ValueTask.FromResult(value), options: null, tags[index]).Wait();
    }

    private static void Set(HybridCache cache, string[] keys, string[][] tags)
    {
        for (var index = 0; index < keys.Length; index++)
            cache.SetAsync(keys[index], Keys.Value, options: null, tags[index]).Wait();
    }
}
