namespace Unstale.Tests.Cluster;

/// <summary>The source of truth of one key; counts its loads and can hold one.</summary>
internal sealed class Source(string value = "v1")
{
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _held;
    private int _loads;

    public string Value { get; set; } = value;

    public int Loads => Volatile.Read(ref _loads);

    /// <summary>Ends when the first load has read its value.</summary>
    public Task Started => _started.Task;

    /// <summary>Loads read the value, and then wait until they are let go.</summary>
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
