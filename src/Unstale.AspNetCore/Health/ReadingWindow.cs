using Unstale.Boundary;

namespace Unstale.AspNetCore.Health;

/// <summary>Readings of a window that slides: the oldest is the newest one at least as old as the window is long, once there is one.</summary>
internal sealed class ReadingWindow(GuardedTime time, TimeSpan length)
{
    private const int Steps = 60;

    private readonly Lock _gate = new();
    private readonly LinkedList<Reading> _readings = [];

    /// <summary>Takes a reading.</summary>
    /// <returns>The one to compare it with; itself if there is none.</returns>
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
