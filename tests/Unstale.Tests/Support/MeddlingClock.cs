using Microsoft.Extensions.Time.Testing;
namespace Unstale.Tests.Support;

/// <summary>A clock that runs an action at its next reading, between two steps of the code under test.</summary>
internal sealed class MeddlingClock : TimeProvider
{
    private Action? _next;

    public Action? Next
    {
        set => _next = value;
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        Interlocked.Exchange(ref _next, null)?.Invoke();
        return 0;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new FakeTimeProvider().CreateTimer(callback, state, dueTime, period);
}
