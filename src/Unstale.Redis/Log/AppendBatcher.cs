using System.Runtime.CompilerServices;
using Unstale.Boundary;
using Unstale.Log;
using Unstale.Redis.Link;
using Unstale.Redis.Scripts;

namespace Unstale.Redis.Log;

/// <summary>
/// Sends records to the log in batches. A record appended while no call is in flight is sent at once. Records appended during a call are sent
/// together in the next call, as separate records and in order. Under load two calls are in flight, so that the server does not wait.
/// </summary>
/// <param name="log">Log to append to.</param>
/// <param name="link">Function that returns the current link, and throws if there is none.</param>
/// <param name="length">Maximum length of the stream, updated with the size of each record.</param>
/// <param name="sent">Records sent by this node. Each record is added before the call.</param>
internal sealed class AppendBatcher(RedisInvalidationLog log, Func<RedisLink> link, StreamLength length, SentRecords sent)
{
    private const int MostRecords = 128;
    private const int MostTargets = 1000;

    /// <summary>Maximum number of keys in a call of the script for plain records: half of the number that Lua can put on its stack at once.</summary>
    private const int MostPlainKeys = 4000;

    /// <summary>Number of waiting records that justifies a second concurrent call.</summary>
    private const int Enough = 32;

    /// <summary>Maximum size of a batch in bytes. A batch is pushed as one message, and a push above its limit would make every node read the stream.</summary>
    private readonly int _mostBytes = Math.Min(log.Settings.PushLimit, 64 << 10);
    private readonly Lock _order = new();
    private readonly Lock _gate = new();
    private readonly Queue<PendingAppend> _waiting = new();
    private Tuple<List<PendingAppend>, List<PendingAppend>>? _spare;
    private int _calls;

    /// <summary>Whether an append has succeeded. The first call of a log is often repeated, and a concurrent call would overtake the repetition.</summary>
    private bool _hasAppended;

    public ValueTask<AppendReply> AppendAsync(InvalidationRecord record)
    {
        var append = PendingAppend.Take(record);
        var result = append.Result;
        bool start;
        lock (_gate)
        {
            _waiting.Enqueue(append);
            start = MayCall_NeedsLock(_calls);
            _calls += start ? 1 : 0;
        }

        if (start)
        {
            // The run also sends records of later callers, so the execution context of this caller must not flow.
            _ = WithoutExecutionContext.Start(this, static batcher => batcher.RunAsync());
        }

        return result;
    }

    /// <summary>Fails all appends that have not been sent.</summary>
    public void FailWaiting(Exception why)
    {
        PendingAppend[] waiting;
        lock (_gate)
        {
            waiting = [.. _waiting];
            _waiting.Clear();
        }

        foreach (var append in waiting)
        {
            append.Fail(why);
        }
    }

    private async Task RunAsync()
    {
        // Reused from run to run. A concurrent run allocates its own lists.
        var (batch, next) = Interlocked.Exchange(ref _spare, null) ?? new([], []);
        var more = TrySend(batch, out var sending);
        while (more)
        {
            var outcome = await sending.ConfigureAwait(false);
            if (outcome.Error is CallException { OutcomeUnknown: true } or NoConnectionException)
            {
                // Otherwise the waiting appends would time out as well, one after the other.
                FailWaiting(outcome.Error);
            }

            // The next batch is sent before the callers of this batch continue.
            more = TrySend(next, out sending);
            Complete(batch, outcome);
            (batch, next) = (next, batch);
        }

        Volatile.Write(ref _spare, new(batch, next));
    }

    /// <summary>Dequeues and sends a batch in one step, so that batches are sent in the order in which they were dequeued.</summary>
    private bool TrySend(List<PendingAppend> batch, out ValueTask<(AppendReply First, Exception? Error)> sending)
    {
        lock (_order)
        {
            var any = TryTake(batch);
            sending = any ? SendAsync(batch) : default;
            return any;
        }
    }

    private bool TryTake(List<PendingAppend> batch)
    {
        batch.Clear();
        lock (_gate)
        {
            if (!MayCall_NeedsLock(_calls - 1))
            {
                _calls--;
                return false;
            }

            var (targets, bytes) = (0, 0);
            while (batch.Count < MostRecords && _waiting.TryPeek(out var append))
            {
                targets += append.Record.Targets.Length;
                bytes += append.Bytes;
                if (batch.Count > 0 && (targets > MostTargets || bytes > _mostBytes))
                {
                    break;
                }

                batch.Add(_waiting.Dequeue());
            }

            return true;
        }
    }

    private bool MayCall_NeedsLock(int others) => others switch
    {
        0 => _waiting.Count > 0,
        1 => _waiting.Count >= Enough && _hasAppended,
        _ => false,
    };

    /// <summary>Sends a batch. Never throws; without a reply, the outcome contains the exception.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(AppendReply First, Exception? Error)> SendAsync(List<PendingAppend> batch)
    {
        try
        {
            var isPlain = true;
            foreach (var append in batch)
            {
                length.Add(append.Bytes);
                sent.Add(append.Record);
                isPlain = isPlain && RecordFormat.IsPlain(append.Record);
            }

            for (var call = 0; call < ListedCaches.MostCalls; call++)
            {
                var reply = await CallAsync(batch, isPlain).ConfigureAwait(false);
                if (!reply.IsNull && !log.Caches.IsRefused(reply))
                {
                    Volatile.Write(ref _hasAppended, true);
                    return Read(reply);
                }

                // Null: the short script changed nothing and leaves the batch to the full script.
                isPlain = isPlain && !reply.IsNull;
            }

            return (default, Errors.CachesChanged("append", log.Name));
        }
        catch (Exception error)
        {
            return (default, error);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<RedisReply> CallAsync(List<PendingAppend> batch, bool isPlain)
    {
        var (current, caches, keys) = (link(), log.Caches.Current, 0);
        foreach (var append in batch)
        {
            keys += caches.Count(append.Record);
        }

        isPlain = isPlain && keys <= MostPlainKeys;
        using var command = isPlain ? PlainCommand(batch, current, caches, keys) : Command(batch, current, caches, keys);
        return await log.Scripts.CallAsync(isPlain ? RedisScripts.AppendPlain : RedisScripts.Append, current.Data, command, log.Scripts.Run(current)).ConfigureAwait(false);
    }

    private static (AppendReply First, Exception? Error) Read(RedisReply reply) =>
        reply is { IsAggregate: true, Items: [{ Type: RedisReplyType.Bulk } generation, { Type: RedisReplyType.Bulk } first, { Type: RedisReplyType.Bulk } previous] }
            && LogWords.TryGeneration(generation.Bytes, out var stands)
            && LogWords.TryNumber(first.Bytes, out var sequence)
            && LogWords.TryId(previous.Bytes, out var id)
            ? (new AppendReply(stands, sequence, id), null)
            : (default, Errors.MalformedAnswer("append"));

    private RedisCall PlainCommand(List<PendingAppend> batch, RedisLink current, CacheList caches, int keys)
    {
        var command = log.Scripts.Command(RedisScripts.AppendPlain, 4 + keys).Key(log.Keys.Tags0).Key(log.Keys.Tags1).Key(log.Keys.Log);
        AddKeys(command, batch, caches);
        log.Scripts.Publishing(command, current).Arg(length.Records).Arg(log.Settings.PushLimit).Arg(caches.Text).Arg(batch.Count);
        foreach (var append in batch)
        {
            command.PlainRecord(append.Record);
        }

        return command;
    }

    private RedisCall Command(List<PendingAppend> batch, RedisLink current, CacheList caches, int keys)
    {
        var command = log.Scripts.HistoryCommand(RedisScripts.Append, keys);
        AddKeys(command, batch, caches);
        log.Scripts.Publishing(command, current)
            .Generation(log.Generations.Next()).Arg(length.Records).Arg(log.Settings.PushLimit).Arg(caches.Text).Arg(batch.Count);
        foreach (var append in batch)
        {
            command.Record(append.Record);
        }

        return command;
    }

    private static void AddKeys(RedisCall command, List<PendingAppend> batch, CacheList caches)
    {
        foreach (var append in batch)
        {
            caches.AddKeys(command, append.Record);
        }
    }

    private static void Complete(List<PendingAppend> batch, (AppendReply First, Exception? Error) outcome)
    {
        var (first, error) = outcome;
        for (var i = 0; i < batch.Count; i++)
        {
            // Read before completion, because a completed instance may be reused for another record.
            var id = batch[i].Record.Id;
            if (error is not null)
            {
                batch[i].Fail(error);
            }
            else
            {
                batch[i].Succeed(first);
            }

            first = first with { Sequence = first.Sequence + 1, PreviousId = id };
        }
    }
}
