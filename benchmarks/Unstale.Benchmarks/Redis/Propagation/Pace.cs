using System.Diagnostics;

namespace Unstale.Benchmarks.Redis.Propagation;

/// <summary>Repetition of an operation at a rate per second until disposal, regardless of its duration.</summary>
internal sealed class Pace : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;

    public Pace(double perSecond, Func<int, ValueTask> next) => _run = Task.Run(() => RunAsync(perSecond, next));

    public void Dispose()
    {
        _stop.Cancel();
        _run.GetAwaiter().GetResult();
        _stop.Dispose();
    }

    private async Task RunAsync(double perSecond, Func<int, ValueTask> next)
    {
        var pending = new List<Task>();
        var start = Stopwatch.GetTimestamp();
        for (var done = 0; !_stop.IsCancellationRequested;)
        {
            for (var due = Stopwatch.GetElapsedTime(start).TotalSeconds * perSecond; done < due; done++)
                pending.Add(next(done).AsTask());
            pending.RemoveAll(task => task.IsCompletedSuccessfully);
            await Task.Delay(Tick, TimeProvider.System).ConfigureAwait(false);
        }

        await Task.WhenAll(pending).ConfigureAwait(false);
    }
}
