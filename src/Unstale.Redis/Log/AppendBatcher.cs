using System.Runtime.CompilerServices;
using Unstale.Boundary;
using Unstale.Log;
using Unstale.Redis.Link;
using Unstale.Redis.Scripts;

namespace Unstale.Redis.Log;

/// <summary>
/// Carries records to the log. A record that comes alone goes at once. What is appended while a call is on its way goes together with the
/// next one, each record on its own and in order; where much is appended, two calls are on their way, so that the server need not wait.
/// </summary>
/// <param name="log">The log.</param>
/// <param name="link">The link of the moment; throws if there is none.</param>
/// <param name="length">Told of each record, and says how long the stream may be.</param>
/// <param name="sent">Told of each record before it goes.</param>
internal sealed class AppendBatcher(RedisInvalidationLog log, Func<RedisLink> link, StreamLength length, SentRecords sent)
{
    private const int MostRecords = 128;
    private const int MostTargets = 1000;

    /// <summary>The script for plain records takes as many keys as Lua puts on its stack at once; half of that.</summary>
    private const int MostPlainKeys = 4000;

    /// <summary>So many records are worth a second call beside the first.</summary>
    private const int Enough = 32;

    /// <summary>What goes together is pushed together, and a push above its limit would make every node read the stream.</summary>
    private readonly int _mostBytes = Math.Min(log.Settings.PushLimit, 64 << 10);
    private readonly Lock _order = new();
    private readonly Lock _gate = new();
    private readonly Queue<PendingAppend> _waiting = new();
    private Tuple<List<PendingAppend>, List<PendingAppend>>? _spare;
    private int _calls;

    /// <summary>The first call of a log is often made twice, and calls beside it would come before it.</summary>
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
            // It goes on while more comes, and is nobody's in particular.
            _ = WithoutExecutionContext.Start(this, static batcher => batcher.RunAsync());
        }

        return result;
    }

    /// <summary>What was not sent yet fails.</summary>
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
        // Kept from run to run; a run beside another makes its own.
        var (batch, next) = Interlocked.Exchange(ref _spare, null) ?? new([], []);
        var more = TrySend(batch, out var sending);
        while (more)
        {
            var outcome = await sending.ConfigureAwait(false);
            if (outcome.Error is CallException { OutcomeUnknown: true } or NoConnectionException)
            {
                // They would wait for the same silence, one limit after the other.
                FailWaiting(outcome.Error);
            }

            // The next ones are on their way before anyone hears of these.
            more = TrySend(next, out sending);
            Complete(batch, outcome);
            (batch, next) = (next, batch);
        }

        Volatile.Write(ref _spare, new(batch, next));
    }

    /// <summary>Taking and sending is one step, so that batches go out in the order in which they were taken.</summary>
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

    /// <summary>Never throws: the outcome says why there is no reply.</summary>
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

                // What the short script leaves to the other one, that one decides.
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
            // Read before it is completed: it may serve another record then.
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
