using System.Collections.Concurrent;

namespace Unstale.Tests.Support;

/// <summary>
/// A source whose reads read the value immediately and then block until released. The test thus determines the age of the value.
/// </summary>
internal sealed class GatedSource
{
    private readonly ConcurrentDictionary<int, Read> _reads = new();
    private volatile string _value = "old";
    private int _begun;

    /// <summary>Present value of the source.</summary>
    public string Value
    {
        get => _value;
        set => _value = value;
    }

    /// <summary>Number of reads that have begun.</summary>
    public int Reads => Volatile.Read(ref _begun);

    /// <summary>Read with this number, from 1. The read may begin later.</summary>
    public Read this[int number] => _reads.GetOrAdd(number, _ => new Read());

    public ValueTask<string> ReadAsync(CancellationToken token) => ReadAsync(static () => { }, token);

    /// <param name="atEnd">Called after the release of the read, before its end.</param>
    /// <param name="token">Cancels the read.</param>
    public async ValueTask<string> ReadAsync(Action atEnd, CancellationToken token)
    {
        var value = _value;
        var read = this[Interlocked.Increment(ref _begun)];
        read.Token = token;
        read.Begin();
        await read.Released.WaitAsync(token).ConfigureAwait(false);
        atEnd();
        return value;
    }

    internal sealed class Read
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationToken Token { get; set; }

        public Task Released => _released.Task;

        public void Begin() => _begun.TrySetResult();

        public Task BegunAsync() => Eventually.Ends("a read of the source begins", _begun.Task);

        public void LetGo() => _released.TrySetResult();

        public void Fail(Exception exception) => _released.TrySetException(exception);
    }
}
