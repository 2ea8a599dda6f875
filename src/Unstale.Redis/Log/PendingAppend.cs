using System.Collections.Concurrent;
using System.Threading.Tasks.Sources;
using Unstale.Log;

namespace Unstale.Redis.Log;

/// <summary>
/// Append of one record, awaited by a node. The continuation of the node is short and never blocks. The instance is reused for another record
/// after the result was read.
/// </summary>
internal sealed class PendingAppend : IValueTaskSource<AppendReply>
{
    private const int Pooled = 1024;

    private static readonly ConcurrentQueue<PendingAppend> Pool = new();

    private ManualResetValueTaskSourceCore<AppendReply> _core;

    private PendingAppend()
    {
    }

    public InvalidationRecord Record { get; private set; } = null!;

    /// <summary>Approximate size of the record in bytes.</summary>
    public int Bytes { get; private set; }

    public ValueTask<AppendReply> Result => new(this, _core.Version);

    public static PendingAppend Take(InvalidationRecord record)
    {
        if (!Pool.TryDequeue(out var append))
        {
            append = new PendingAppend();
        }

        append.Record = record;
        append.Bytes = RecordFormat.Size(record);
        return append;
    }

    /// <summary>Completes the append. The continuation runs within this call, so that a batch is acknowledged at once and in order.</summary>
    public void Succeed(in AppendReply reply)
    {
        _core.RunContinuationsAsynchronously = false;
        _core.SetResult(reply);
    }

    /// <summary>Fails the append. The continuation runs asynchronously, because an immediate retry must not nest calls.</summary>
    public void Fail(Exception why)
    {
        _core.RunContinuationsAsynchronously = true;
        _core.SetException(why);
    }

    public AppendReply GetResult(short token)
    {
        var isOurs = token == _core.Version;
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            if (isOurs)
            {
                GiveBack();
            }
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void GiveBack()
    {
        _core.Reset();
        Record = null!;
        if (Pool.Count < Pooled)
        {
            Pool.Enqueue(this);
        }
    }
}
