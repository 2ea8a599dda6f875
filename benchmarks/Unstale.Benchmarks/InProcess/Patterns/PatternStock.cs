using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.InProcess.Patterns;

/// <summary>Keys under a thousand prefixes, in a cache and in a dictionary.</summary>
internal sealed class PatternStock : IDisposable
{
    private const int Prefixes = 1_000;
    private readonly ConcurrentDictionary<string, object> _dictionary = new(StringComparer.Ordinal);
    private readonly BenchmarkCache _cache;
    private int _next;

    public PatternStock(int entries)
    {
        Entries = entries;
        _cache = new(entries);
        for (var number = 0; number < entries; number++)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"{Prefix(number)}{number:00000000}");
            _dictionary[key] = Keys.Value;
            _cache.Load(key, Keys.Value, tags: null);
        }
    }

    public int Entries { get; }

    /// <summary>Number of keys found by the last scan.</summary>
    public int Found { get; private set; }

    public long Held => _cache.Entries;

    /// <summary>Returns patterns not used before, so that each finds its thousandth of the entries.</summary>
    public GlobPattern[] NextPatterns(int count) => [.. Enumerable.Range(0, count).Select(_ => new GlobPattern(Prefix(_next++) + "*"))];

    [MethodImpl(MethodImplOptions.NoInlining)]
    public InvalidationReceipt Mark(GlobPattern[] patterns)
    {
        InvalidationReceipt? last = null;
        foreach (var pattern in patterns)
            last = _cache.Invalidator.InvalidatePatternAsync(pattern).Wait();
        return last!;
    }

    public long MarkAndSweep(GlobPattern pattern) => Mark([pattern]).WaitForReclaimAsync(CancellationToken.None).Wait();

    /// <summary>Runs the minimum: a scan for the keys.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Scan(string prefix)
    {
        var found = 0;
        foreach (var entry in _dictionary)
        {
            if (entry.Key.StartsWith(prefix, StringComparison.Ordinal))
                found++;
        }

        Found = found;
    }

    public void Dispose() => _cache.Dispose();

    private static string Prefix(int number) => string.Create(CultureInfo.InvariantCulture, $"shelf:{number % Prefixes:000}:p");
}
