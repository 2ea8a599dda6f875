using Microsoft.Extensions.Internal;

namespace Unstale.Tests.Conformance;

/// <summary>Clock of the memory cache, which reads no <see cref="TimeProvider"/>.</summary>
internal sealed class MemoryCacheClock(TimeProvider time) : ISystemClock
{
    public DateTimeOffset UtcNow => time.GetUtcNow();
}
