namespace Unstale.Benchmarks.InProcess.ColdKeys;

/// <summary>Load that runs until its end is requested.</summary>
internal sealed class HeldLoad
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _calls;

    /// <summary>Number of calls of the factory.</summary>
    public int Calls => _calls;

    public void End() => _ended.SetResult();

    public async Task<string> RunAsync()
    {
        Interlocked.Increment(ref _calls);
        await _ended.Task.ConfigureAwait(false);
        return Keys.Value;
    }
}
