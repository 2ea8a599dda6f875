using System.Runtime.CompilerServices;

namespace Unstale.Horizon;

/// <summary>
/// Milliseconds that only rise. Read on every hit, so the system's cheapest counter where the provider is the system's.
/// </summary>
internal sealed class MonotonicClock(TimeProvider provider)
{
    private readonly bool _isSystem = ReferenceEquals(provider, TimeProvider.System);

    /// <summary>How far a reading may lag behind, subtracted from every deadline of trust.</summary>
    public const long Resolution = 16;

    public TimeProvider Provider => provider;

#pragma warning disable RS0030 // the one place that the banned counter is for
    public long Now
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _isSystem ? Environment.TickCount64 : Measured();
    }
#pragma warning restore RS0030

    private long Measured() => (long)(provider.GetTimestamp() * (1000.0 / provider.TimestampFrequency));
}
