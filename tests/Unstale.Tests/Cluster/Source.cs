namespace Unstale.Tests.Cluster;

/// <summary>The source of one key. Counts loads and can block them.</summary>
internal sealed class Source(string value = "v1")
{
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _held;
    private int _loads;

    public string Value { get; set; } = value;

    public int Loads => Volatile.Read(ref _loads);

    /// <summary>Completes when the first load has read its value.</summary>
    public Task Started => _started.Task;

    /// <summary>Makes loads read the value and then wait for their release.</summary>
    public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void LetGo() => _held?.TrySetResult();

    public async ValueTask<string> LoadAsync(CancellationToken cancellationToken)
    {
        var read = Value;
        Interlocked.Increment(ref _loads);
        _started.TrySetResult();
        if (_held is { } held)
            await held.Task.WaitAsync(cancellationToken);
        return read;
    }
}
