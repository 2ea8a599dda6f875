using System.Threading.Channels;
using Unstale.Boundary;

namespace Unstale.Redis.Connection;

/// <summary>
/// Queue of limited length that processes items in order, on another thread than the producers. On disposal, the remaining items are still processed
/// within a limit: hanging work does not block the end of the process.
/// </summary>
internal sealed class WorkQueue<T> : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Channel<T> _queue;
    private readonly Func<ChannelReader<T>, CancellationToken, ValueTask> _work;
    private readonly TimeSpan _shutdownLimit;
    private readonly GuardedTime _time;
    private readonly Action<Exception>? _failed;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;
    private int _disposed;

    /// <param name="capacity">Maximum number of waiting items.</param>
    /// <param name="shutdownLimit">Maximum time for which disposal waits for the work.</param>
    /// <param name="time">Clock of the limit.</param>
    /// <param name="work">Called by one thread at a time while items wait; reads any number of items. The token cancels the work.</param>
    /// <param name="failed">Called with any other exception of the work. The queue continues after a pause.</param>
    public WorkQueue(int capacity, TimeSpan shutdownLimit, TimeProvider time, Func<ChannelReader<T>, CancellationToken, ValueTask> work, Action<Exception>? failed = null)
    {
        (_shutdownLimit, _time, _work, _failed) = (shutdownLimit, GuardedTime.Over(time), work, failed);
        _queue = System.Threading.Channels.Channel.CreateBounded<T>(new BoundedChannelOptions(capacity) { SingleReader = true });
        _run = WithoutExecutionContext.Run(RunAsync);
    }

    /// <summary>Adds an item. Returns false if the queue is full or disposed.</summary>
    public bool TryAdd(T item) => _queue.Writer.TryWrite(item);

    /// <summary>Adds an item after waiting for room, but not for the work.</summary>
    public ValueTask AddAsync(T item, CancellationToken cancellationToken) => _queue.Writer.WriteAsync(item, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;

        _queue.Writer.TryComplete();
        await _run.WaitAsync(_shutdownLimit, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ = await GuardedCancellation.CancelAsync(_stop).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var stop = _stop.Token;
        while (await _queue.Reader.WaitToReadAsync(stop).ConfigureAwait(false))
        {
            try
            {
                await _work(_queue.Reader, stop).ConfigureAwait(false);
            }
            catch (Exception failure) when (!stop.IsCancellationRequested)
            {
                _failed?.Invoke(failure);
                await Task.Delay(Pause, _time, stop).ConfigureAwait(false);
            }
        }
    }
}
