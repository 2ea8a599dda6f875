using System.Runtime.CompilerServices;
using Unstale.Horizon;
using Unstale.Log;

namespace Unstale.Node;

/// <summary>Appends sent in one call, with the state of the node at that time. Reused for other appends after the reply.</summary>
internal sealed class AppendBatch
{
    private readonly Operation[] _appends = new Operation[AppendBatcher.MostRecords];
    private readonly InvalidationRecord[] _records = new InvalidationRecord[AppendBatcher.MostRecords];
    private readonly AppendBatcher _batcher;
    private readonly Action _finish;
    private ConfiguredValueTaskAwaitable<AppendReply>.ConfiguredValueTaskAwaiter _reply;
    private RequestSnapshot _snapshot;
    private int _connection;

    public AppendBatch(AppendBatcher batcher)
    {
        _batcher = batcher;
        _finish = Finish;
    }

    public int Count { get; private set; }

    public void Add(Operation append)
    {
        _appends[Count] = append;
        _records[Count++] = append.Record;
    }

    /// <summary>Sends the records in one call. The batcher is notified of the end.</summary>
    public void Send(ILogSession session, int partition, in RequestSnapshot snapshot, int connection)
    {
        (_snapshot, _connection) = (snapshot, connection);
        try
        {
#pragma warning disable CA2012 // The result is read once: in Finish.
            _reply = session.AppendAsync(partition, _records.AsMemory(0, Count), CancellationToken.None).ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
        }
        catch (Exception exception)
        {
            _batcher.Ended(this, default, exception);
            return;
        }

        if (_reply.IsCompleted)
            Finish();
        else
            _reply.UnsafeOnCompleted(_finish);
    }

    /// <summary>Passes the outcome of each append to a receiver, in order, and clears the batch.</summary>
    public void Report(AppendReply first, Exception? failure, IAppendReceiver receiver)
    {
        for (var i = 0; i < Count; i++)
        {
            if (failure is null)
                receiver.Replied(_appends[i], first, _snapshot, _connection);
            else
                receiver.Failed(_appends[i], failure);

            // The records of one batch follow each other in the log.
            first = new AppendReply(first.Generation, first.Sequence + 1, _records[i].Id);
        }

        Array.Clear(_appends, 0, Count);
        Array.Clear(_records, 0, Count);
        _reply = default;
        Count = 0;
    }

    private void Finish()
    {
        AppendReply first;
        try
        {
            first = _reply.GetResult();
        }
        catch (Exception exception)
        {
            _batcher.Ended(this, default, exception);
            return;
        }

        _batcher.Ended(this, first, null);
    }
}
