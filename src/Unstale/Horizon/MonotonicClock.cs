using System.Runtime.CompilerServices;
using Unstale.Boundary;

namespace Unstale.Horizon;

/// <summary>
/// Milliseconds that only rise. Read on every hit, so the system's cheapest counter where the provider is the system's.
/// </summary>
internal sealed class MonotonicClock(TimeProvider provider, Action<Exception>? timerFailed = null)
{
    private readonly GuardedTime _time = GuardedTime.Over(provider);
    private readonly bool _isSystem = ReferenceEquals(provider, TimeProvider.System);

    /// <summary>How far a reading may lag behind, subtracted from every deadline of trust.</summary>
    public const long Resolution = 16;

    public GuardedTime Provider => _time;

#pragma warning disable RS0030 // the one place that the banned counter is for
    public long Now
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _isSystem ? Environment.TickCount64 : Measured();
    }
#pragma warning restore RS0030

    /// <summary>A timer that does nothing until it is set. What its work throws is reported, and the timer lives on.</summary>
    public ITimer CreateTimer(TimerCallback work, object state) => _time.CreateTimer(work, state, timerFailed);

    private long Measured() => (long)(_time.GetTimestamp() * (1000.0 / _time.TimestampFrequency));
}
