using System.Runtime.CompilerServices;
using Unstale.Log;
using Unstale.Redis.Connection;
using Unstale.Redis.Scripts;

namespace Unstale.Redis.Log;

/// <summary>Encodes and sends one batch of records, as separate records and in order.</summary>
/// <param name="log">Log to append to.</param>
/// <param name="link">Function that returns the current link, and throws if there is none.</param>
/// <param name="length">Maximum length of the stream, updated with the size of each record.</param>
/// <param name="sent">Records sent by this node. Each record is added before the call.</param>
internal sealed class BatchAppender(RedisInvalidationLog log, Func<RedisSession> link, StreamLength length, InFlightRecords sent)
{
    /// <summary>Maximum number of keys in a call of the script for plain records: half of the number that Lua can put on its stack at once.</summary>
    private const int MostPlainKeys = 4000;

    /// <summary>Maximum size of a batch in bytes. A batch is pushed as one message, and a push above its limit would make every node read the stream.</summary>
    public int MaximumBytes { get; } = Math.Min(log.Settings.PushLimit, 64 << 10);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<AppendReply> AppendAsync(ReadOnlyMemory<InvalidationRecord> batch)
    {
        var isPlain = Note(batch.Span);
        for (var call = 0; call < ListedCaches.MostCalls; call++)
        {
            var reply = await CallAsync(batch, isPlain).ConfigureAwait(false);
            if (!reply.IsNull && !log.Caches.IsRefused(reply))
                return Read(reply);

            // Null: the short script changed nothing and leaves the batch to the full script.
            isPlain = isPlain && !reply.IsNull;
        }

        throw Errors.CachesChanged("append", log.Name);
    }

    /// <summary>Notes the records before they are sent. Returns whether all are plain.</summary>
    private bool Note(ReadOnlySpan<InvalidationRecord> batch)
    {
        var isPlain = true;
        foreach (var record in batch)
        {
            length.Add(record.Size);
            sent.Add(record);
            isPlain = isPlain && RecordFormat.IsPlain(record);
        }

        return isPlain;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<RedisReply> CallAsync(ReadOnlyMemory<InvalidationRecord> batch, bool isPlain)
    {
        var (current, caches) = (link(), log.Caches.Current);
        var keys = Keys(batch.Span, caches);
        isPlain = isPlain && keys <= MostPlainKeys;
        using var command = isPlain ? PlainCommand(batch.Span, current, caches, keys) : Command(batch.Span, current, caches, keys);
        return await log.Scripts.CallAsync(isPlain ? RedisScripts.AppendPlain : RedisScripts.Append, current.Data, command, log.Scripts.Run(current)).ConfigureAwait(false);
    }

    private static int Keys(ReadOnlySpan<InvalidationRecord> batch, CacheList caches)
    {
        var keys = 0;
        foreach (var record in batch)
            keys += caches.Count(record);

        return keys;
    }

    private static AppendReply Read(RedisReply reply) =>
        reply is { IsAggregate: true, Items: [{ Type: RedisReplyType.Bulk } generation, { Type: RedisReplyType.Bulk } first, { Type: RedisReplyType.Bulk } previous] }
            && LogEncoding.TryGeneration(generation.Bytes, out var current)
            && LogEncoding.TryNumber(first.Bytes, out var sequence)
            && LogEncoding.TryId(previous.Bytes, out var id)
            ? new AppendReply(current, sequence, id)
            : throw Errors.MalformedReply("append");

    private RedisCall PlainCommand(ReadOnlySpan<InvalidationRecord> batch, RedisSession current, CacheList caches, int keys)
    {
        var command = log.Scripts.Command(RedisScripts.AppendPlain, 4 + keys).Key(log.Keys.Tags0).Key(log.Keys.Tags1).Key(log.Keys.Log);
        AddKeys(command, batch, caches);
        log.Scripts.Publishing(command, current).Arg(length.Records).Arg(log.Settings.PushLimit).Arg(caches.Text).Arg(batch.Length);
        foreach (var record in batch)
            command.PlainRecord(record);

        return command;
    }

    private RedisCall Command(ReadOnlySpan<InvalidationRecord> batch, RedisSession current, CacheList caches, int keys)
    {
        var command = log.Scripts.HistoryCommand(RedisScripts.Append, keys);
        AddKeys(command, batch, caches);
        log.Scripts.Publishing(command, current)
            .Generation(log.Generations.Next()).Arg(length.Records).Arg(log.Settings.PushLimit).Arg(caches.Text).Arg(batch.Length);
        foreach (var record in batch)
            command.Record(record);

        return command;
    }

    private static void AddKeys(RedisCall command, ReadOnlySpan<InvalidationRecord> batch, CacheList caches)
    {
        foreach (var record in batch)
            caches.AddKeys(command, record);
    }
}
