using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Benchmarks.InProcess;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.Rules.Recording;

/// <summary>Loads whose factory reads three held entries, of three tags each.</summary>
internal sealed class DependencyRound : IDisposable
{
    private const int Read = 3;

    private readonly BenchmarkCache _cache = new(10_000);
    private readonly string[] _keys = [.. Enumerable.Range(0, 1_000).Select(Keys.Of)];
    private readonly UnstaleEntryOptions _recorded = Options(true);
    private readonly UnstaleEntryOptions _unrecorded = Options(false);

    public DependencyRound()
    {
        for (var i = 0; i < Read; i++)
            _cache.Load(Name(i), Keys.Value, ["shared", $"one {i}", $"other {i}"]);
    }

    public void Recorded(int operations) => Run(operations, _recorded);

    public void Unrecorded(int operations) => Run(operations, _unrecorded);

    /// <summary>Number of keys that the last value was derived from.</summary>
    public int Dependencies => _cache.Unstale.Explain(_keys[0]).Dependencies.Count;

    public void Dispose() => _cache.Dispose();

    private static string Name(int number) => $"read by a factory:{number}";

    /// <summary>Returns options with which a read never finds the value, so that each operation is a load.</summary>
    private static UnstaleEntryOptions Options(bool records) =>
        new() { Flags = HybridCacheEntryFlags.DisableLocalCacheRead, RecordDependencies = records };

    private void Run(int operations, UnstaleEntryOptions options)
    {
        for (var i = 0; i < operations; i++)
            _cache.Unstale.GetOrCreateAsync(_keys[i % _keys.Length], _cache.Unstale, static (cache, _) => new ValueTask<string>(Make(cache)), options).Wait();
    }

    private static string Make(UnstaleCache cache)
    {
        var made = "";
        for (var i = 0; i < Read; i++)
        {
            if (cache.TryGet(Names[i], out string value))
                made = value;
        }

        return made;
    }

    private static readonly string[] Names = [.. Enumerable.Range(0, Read).Select(Name)];
}
