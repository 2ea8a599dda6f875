using System.Globalization;
using System.Runtime.CompilerServices;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.InProcess.Tags;

/// <summary>
/// Many entries with one tag, and one entry for each repeatedly invalidated tag: stored again before each round, so that every invalidation finds a
/// tag in use.
/// </summary>
internal sealed class TagStock : IDisposable
{
    private const string Everywhere = "category:all";
    private readonly BenchmarkCache _cache;
    private readonly string[] _raised;
    private readonly string[] _raisedLookups;
    private readonly string[][] _carried;
    private readonly string[] _keys;

    public TagStock(int entries, int raised)
    {
        Entries = entries;
        _raised = Names(raised);
        _raisedLookups = Names(raised);
        _carried = [.. _raised.Select(tag => new[] { tag })];
        _keys = Keys.Range(entries, raised);
        _cache = new(entries + raised);
        for (var number = 0; number < entries; number++)
            _cache.Load(Keys.Of(number), Keys.Value, [Everywhere]);
    }

    public int Entries { get; }

    public long Held => _cache.Entries;

    /// <summary>Tags as passed by a caller: other instances than those stored with the entries.</summary>
    public string[] Raised => _raisedLookups;

    public void Refill()
    {
        for (var index = 0; index < _keys.Length; index++)
            _cache.Load(_keys[index], Keys.Value, _carried[index]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public InvalidationReceipt? Run(string[] tags)
    {
        InvalidationReceipt? last = null;
        foreach (var tag in tags)
            last = _cache.Invalidator.InvalidateTagAsync(tag).Wait();
        return last;
    }

    /// <summary>Invalidates the tag that nearly all entries carry, and reads nothing.</summary>
    public void ReclaimAll() => _cache.Invalidator.InvalidateTagAsync(Everywhere).Wait().WaitForReclaimAsync(CancellationToken.None).Wait();

    public void Dispose() => _cache.Dispose();

    private static string[] Names(int count) =>
        [.. Enumerable.Range(0, count).Select(number => string.Create(CultureInfo.InvariantCulture, $"tag:{number}"))];
}
