using System.Runtime.CompilerServices;

namespace Unstale.Benchmarks.InProcess.Tags;

/// <summary>Minimum work of an invalidation by tag: look the tag up under a lock without contention, and raise its cell.</summary>
internal sealed class BareTags(IReadOnlyList<string> tags)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Cell> _cells = tags.ToDictionary(tag => tag, _ => new Cell(), StringComparer.Ordinal);
    private long _sequence;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Run(string[] raised)
    {
        foreach (var tag in raised)
            Raise(tag);
    }

    private void Raise(string tag)
    {
        lock (_lock)
        {
            if (_cells.TryGetValue(tag, out var cell))
                Volatile.Write(ref cell.Sequence, ++_sequence);
        }
    }

    private sealed class Cell
    {
        public long Sequence;
    }
}
