using Unstale.Boundary;

namespace Unstale.AspNetCore.Health;

/// <summary>Sliding window of readings. Begins at the newest reading at least as old as the window; at the oldest reading if there is none yet.</summary>
internal sealed class ReadingWindow(GuardedTime time, TimeSpan length)
{
    private const int Steps = 60;

    private readonly Lock _gate = new();
    private readonly LinkedList<Reading> _readings = [];

    /// <summary>Adds a reading.</summary>
    /// <returns>Reading to compare with; the added reading if there is no other.</returns>
    public Reading Add(in Reading reading)
    {
        lock (_gate)
        {
            if (_readings.Last is not { } last || Age(last.Value, reading) >= length / Steps)
                _readings.AddLast(reading);
            while (_readings.First?.Next is { } second && Age(second.Value, reading) >= length)
                _readings.RemoveFirst();
            return _readings.First!.Value;
        }
    }

    public TimeSpan Age(in Reading old, in Reading young) => time.GetElapsedTime(old.At, young.At);
}
