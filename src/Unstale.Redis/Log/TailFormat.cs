using Unstale.Log;
using Unstale.Redis.Connection;

namespace Unstale.Redis.Log;

/// <summary>Reads the reply of the tail script.</summary>
internal static class TailFormat
{
    /// <summary>Id of no record, used for an unreadable id, which must not match a link in the chain of ids.</summary>
    private const long NoId = -1;

    /// <returns>Reply, number of listed selectors and server clock; null if a newer link of the node has already been used.</returns>
    public static (TailReply Reply, int Selectors, long? Clock)? Parse(RedisReply reply, ref bool isWhole)
    {
        if (!reply.IsAggregate || reply.Items is not [{ Type: RedisReplyType.Bulk } state, .. var rest])
            throw Errors.MalformedReply("tail");

        return state.Text() switch
        {
            "superseded" => null,
            "broken" when rest is [{ Type: RedisReplyType.Bulk } generation] =>
                (new TailReply(TailState.Broken, Broken(generation.Bytes), 0, 0, []), 0, null),
            "other" when rest is [var generation, var sequence, var last, var selectors, var clock] =>
                (Place(TailState.OtherGeneration, generation, sequence, last, []), Selectors(selectors), Clock(clock)),
            "records" when rest is [var generation, var sequence, var last, var selectors, { IsAggregate: true } entries, var clock] =>
                (Place(TailState.Records, generation, sequence, last, Entries(entries.Items, ref isWhole)), Selectors(selectors), Clock(clock)),
            _ => throw Errors.MalformedReply("tail"),
        };
    }

    /// <summary>Returns the broken generation; none if unreadable, because no node may use an unreadable generation either.</summary>
    private static Generation Broken(byte[] text) => LogEncoding.TryGeneration(text, out var generation) ? generation : Generation.None;

    private static TailReply Place(TailState state, RedisReply generation, RedisReply sequence, RedisReply last, LoggedRecord[] records) =>
        LogEncoding.TryGeneration(generation.Bytes, out var current) && LogEncoding.TryNumber(sequence.Bytes, out var newest) && LogEncoding.TryId(last.Bytes, out var id)
            ? new TailReply(state, current, newest, id, records)
            : throw Errors.MalformedReply("tail");

    private static long Clock(RedisReply time) => LogEncoding.TryNumber(time.Bytes, out var clock) ? clock : throw Errors.MalformedReply("tail");

    private static LoggedRecord[] Entries(RedisReply[] entries, ref bool isWhole)
    {
        if (entries.Length > RecordLimits.Records)
            throw Errors.MalformedReply("tail");

        var records = new LoggedRecord[entries.Length];
        for (var i = 0; i < entries.Length; i++)
            records[i] = Entry(entries[i], ref isWhole);

        return records;
    }

    private static LoggedRecord Entry(RedisReply entry, ref bool isWhole)
    {
        if (!entry.IsAggregate || entry.Items is not [{ Type: RedisReplyType.Bulk } place, { IsAggregate: true } pairs]
            || !place.Bytes.AsSpan().StartsWith("0-"u8) || !LogEncoding.TryNumber(place.Bytes.AsSpan(2), out var sequence))
        {
            throw Errors.MalformedReply("tail");
        }

        var previous = NoId;
        var reader = new RecordReader();
        var fields = pairs.Items;
        for (var i = 0; i + 1 < fields.Length; i += 2)
        {
            if (i == 0 && fields[0].Is("prev"u8))
            {
                previous = LogEncoding.TryId(fields[1].Bytes, out var id) ? id : NoId;
            }
            else
            {
                reader.Add(fields[i].Bytes, fields[i + 1].Bytes);
            }
        }

        isWhole &= reader.IsWhole;
        return new LoggedRecord(sequence, previous, reader.Record());
    }

    private static int Selectors(RedisReply list)
    {
        var count = 0;
        var selectors = new SelectorListReader(list.Bytes);
        while (selectors.TryNext())
            count++;

        // Malformed text counts as one selector: the sweep handles it.
        return count + (selectors.HasMore ? 1 : 0);
    }
}
