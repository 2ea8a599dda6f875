using Unstale.Log;

namespace Unstale.Tests.Node;

/// <summary>Session of a log whose calls are recorded, and end when the test ends them.</summary>
internal sealed class HeldSession : ILogSession
{
    private readonly Lock _gate = new();
    private readonly List<(InvalidationRecord[] Records, TaskCompletionSource<AppendReply> Reply)> _appends = [];
    private readonly List<(TailRequest Request, TaskCompletionSource<TailReply> Reply)> _tails = [];

    public int MaximumBatchBytes { get; init; } = 64 << 10;

    /// <summary>Called during each append.</summary>
    public Action? OnAppend { get; init; }

    public LogMembers Members { get; set; } = new(Generation.None, []);

    /// <summary>Replaced generations, in order.</summary>
    public List<Generation> Created { get; } = [];

    /// <summary>Batches so far, in the order of the calls.</summary>
    public List<InvalidationRecord[]> Batches
    {
        get
        {
            lock (_gate)
                return _appends.ConvertAll(static append => append.Records);
        }
    }

    public int Tails
    {
        get
        {
            lock (_gate)
                return _tails.Count;
        }
    }

    public TailRequest LastTail
    {
        get
        {
            lock (_gate)
                return _tails[^1].Request;
        }
    }

    public void Reply(int batch, in AppendReply first) => Held(batch).SetResult(first);

    public void Fail(int batch, Exception why) => Held(batch).SetException(why);

    public void ReplyToTail(in TailReply reply) => LastHeldTail().SetResult(reply);

    public void FailTail(Exception why) => LastHeldTail().SetException(why);

    public ValueTask<AppendReply> AppendAsync(int partition, ReadOnlyMemory<InvalidationRecord> records, CancellationToken cancellationToken)
    {
        OnAppend?.Invoke();
        var reply = new TaskCompletionSource<AppendReply>();
        lock (_gate)
            _appends.Add((records.ToArray(), reply));
        return new(reply.Task);
    }

    public ValueTask<TailReply> TailAsync(TailRequest request, CancellationToken cancellationToken)
    {
        var reply = new TaskCompletionSource<TailReply>();
        lock (_gate)
            _tails.Add((request, reply));
        return new(reply.Task);
    }

    public ValueTask CreateGenerationAsync(int partition, Generation instead, CancellationToken cancellationToken)
    {
        Created.Add(instead);
        return default;
    }

    public ValueTask<LogMembers> MembersAsync(int partition, CancellationToken cancellationToken) => new(Members);

    public ValueTask DisposeAsync() => default;

    private TaskCompletionSource<AppendReply> Held(int batch)
    {
        lock (_gate)
            return _appends[batch].Reply;
    }

    private TaskCompletionSource<TailReply> LastHeldTail()
    {
        lock (_gate)
            return _tails[^1].Reply;
    }
}
