using System.Collections.Concurrent;

namespace Unstale.Loading;

/// <summary>
/// Keys whose last refresh or load failed or brought nothing to store, and the time before which no other one begins. Without a pause, every read of a
/// stale value would call the source again. The pause of a refresh doubles with each refresh in vain, from half a second to 30 seconds, and varies by a quarter,
/// so that keys and nodes that failed together do not retry together.
/// </summary>
internal sealed class RefreshPauses
{
    private const long First = 500;
    private const long Longest = 30_000;
    private const int Doublings = 6;

    /// <summary>Maximum number of paused keys. One more replaces another key, whose next refresh then begins without a pause.</summary>
    private const int Most = 4_096;

    private readonly ConcurrentDictionary<string, Pause> _pauses = new(StringComparer.Ordinal);
    private int _count;

    public bool IsPaused(string key, long now) => Volatile.Read(ref _count) != 0 && _pauses.TryGetValue(key, out var pause) && now < pause.Until;

    public void Begin(string key, long now)
    {
        var before = _pauses.TryGetValue(key, out var pause) && now - pause.Until <= Longest ? pause.InVain : 0;
        if (before == 0)
            MakeRoom(now);
        var length = Math.Min(First << Math.Min(before, Doublings), Longest);
        Set(key, new Pause(before + 1, now + (long)(length * (0.75 + (Random.Shared.NextDouble() / 2)))));
    }

    /// <summary>Begins a pause of the given length, in milliseconds.</summary>
    public void Begin(string key, long now, long length)
    {
        if (length <= 0)
            return;
        if (!_pauses.ContainsKey(key))
            MakeRoom(now);
        Set(key, new Pause(InVain: 1, now + length));
    }

    /// <summary>Ends the pause of a key after a value was loaded and stored.</summary>
    public void End(string key)
    {
        if (Volatile.Read(ref _count) == 0) // a pause that begins meanwhile belongs to another refresh
            return;
        if (_pauses.TryRemove(key, out _))
            Volatile.Write(ref _count, _pauses.Count);
    }

    private void Set(string key, Pause pause)
    {
        _pauses[key] = pause;
        Volatile.Write(ref _count, _pauses.Count);
    }

    private void MakeRoom(long now)
    {
        if (_pauses.Count < Most)
            return;
        foreach (var (key, pause) in _pauses)
        {
            if (now >= pause.Until)
                _pauses.TryRemove(key, out _);
        }

        if (_pauses.Count >= Most)
            _pauses.TryRemove(_pauses.First().Key, out _);
    }

    private readonly record struct Pause(int InVain, long Until);
}
