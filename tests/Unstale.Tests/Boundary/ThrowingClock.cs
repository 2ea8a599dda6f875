using Unstale.Tests.Support;

namespace Unstale.Tests.Boundary;

/// <summary>A manual clock of the application whose members can be made to throw.</summary>
internal sealed class ThrowingClock(SteppedTimeProvider inner) : TimeProvider
{
    public volatile string? Breaks;

    public override long TimestampFrequency => inner.TimestampFrequency;

    public override long GetTimestamp() => Or("GetTimestamp", inner.GetTimestamp());

    public override DateTimeOffset GetUtcNow() => Or("GetUtcNow", inner.GetUtcNow());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(this, Or("CreateTimer", inner).CreateTimer(callback, state, dueTime, period));

    private T Or<T>(string part, T value) => Breaks == part || Breaks == "everything" ? throw new InvalidOperationException("the clock is broken") : value;

    private sealed class Timer(ThrowingClock clock, ITimer inner) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => clock.Or("Change", inner).Change(dueTime, period);

        public void Dispose() => clock.Or("Dispose", inner).Dispose();

        public ValueTask DisposeAsync() => clock.Or("Dispose", inner).DisposeAsync();
    }
}
