using System.Runtime.CompilerServices;
using Unstale.Boundary;

namespace Unstale.Values;

/// <summary>Monotonic time in milliseconds. Read on every hit: with the system's provider, the system's cheapest counter is used.</summary>
internal sealed class MonotonicClock(TimeProvider provider, Action<Exception>? timerFailed = null)
{
    private readonly GuardedTime _time = GuardedTime.Over(provider);
    private readonly bool _isSystem = ReferenceEquals(provider, TimeProvider.System);

    /// <summary>Maximum lag of a reading, in milliseconds. Subtracted from every deadline of trust.</summary>
    public const long Resolution = 16;

    public GuardedTime Provider => _time;

#pragma warning disable RS0030 // the only place for the banned counter
    public long Now
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _isSystem ? Environment.TickCount64 : Measured();
    }
#pragma warning restore RS0030

    /// <summary>Creates a timer that is not yet started. An exception of the callback is reported, and the timer continues to work.</summary>
    public ITimer CreateTimer(TimerCallback work, object state) => _time.CreateTimer(work, state, timerFailed);

    private long Measured() => (long)(_time.GetTimestamp() * (1000.0 / _time.TimestampFrequency));
}
