using Unstale.Tests.Support;

namespace Unstale.Tests.Conformance;

/// <summary>A load that reads its value at the beginning and ends when released.</summary>
internal sealed class GatedLoad<T>(T value)
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _runs;

    /// <summary>Number of calls.</summary>
    public int Runs => Volatile.Read(ref _runs);

    /// <summary>Token of the last call.</summary>
    public CancellationToken Token { get; private set; }

    public async ValueTask<T> RunAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _runs);
        Token = cancellationToken;
        _begun.TrySetResult();
        await _end.Task.WaitAsync(cancellationToken);
        return value;
    }

    public Task BegunAsync() => Eventually.Ends("the load begins", _begun.Task);

    public void Release() => _end.TrySetResult();

    public void Fail(Exception exception) => _end.TrySetException(exception);
}
