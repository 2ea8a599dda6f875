using Unstale.Log;
using Unstale.Redis.Connection;

namespace Unstale.Redis.Log;

/// <summary>Fields of the control hash with the numbers of values that sweeps removed.</summary>
internal static class RemovedValuesFormat
{
    /// <summary>Maximum number of records with a number, as in remove_values.lua.</summary>
    private const int MostRecords = 256;

    public static RedisCall Write(RedisCall command) => command.Arg("gen").Arg("broad").Arg("caches").Arg("swept").Arg("removed");

    public static RemovedValues Parse(RedisReply reply, LogPosition position)
    {
        if (reply is not { IsAggregate: true, Items: [{ IsNull: false } generation, { IsNull: false } selectors, var caches, var swept, var removed] })
            return RemovedValues.Unknown; // another program removed or replaced the control hash
        if (!LogEncoding.TryGeneration(generation.Bytes, out var current) || current != position.Generation)
            return RemovedValues.Unknown;
        if (!IsListed(selectors.Bytes, position.Sequence))
            return !swept.IsNull && LogEncoding.TryNumber(swept.Bytes, out var last) && last >= position.Sequence ? CountOf(removed, position.Sequence) : RemovedValues.Unknown;
        return !caches.IsNull && caches.Bytes.Length == 0 ? RemovedValues.None : RemovedValues.Running;
    }

    private static bool IsListed(ReadOnlySpan<byte> text, long sequence)
    {
        var selectors = new SelectorListReader(text);
        while (selectors.TryNext())
        {
            if (selectors.Sequence == sequence)
                return true;
        }

        return selectors.HasMore;
    }

    private static RemovedValues CountOf(RedisReply removed, long sequence)
    {
        if (removed.IsNull)
            return RemovedValues.None;
        var (records, first) = (0, long.MaxValue);
        ReadOnlySpan<byte> text = removed.Bytes;
        foreach (var range in text.Split((byte)' '))
        {
            var record = text[range];
            var colon = record.IndexOf((byte)':');
            if (colon < 0 || !LogEncoding.TryNumber(record[..colon], out var at) || !LogEncoding.TryNumber(record[(colon + 1)..], out var count))
                return RemovedValues.Unknown;
            if (at == sequence)
                return new RemovedValues(true, count);
            (records, first) = (records + 1, Math.Min(first, at));
        }

        return records >= MostRecords && sequence < first ? RemovedValues.Unknown : RemovedValues.None;
    }
}
