using Unstale.Log;

namespace Unstale.Redis.Log;

/// <summary>
/// Records that this node has sent and not yet received back. A pushed record with the id of a sent record is the same record and is not parsed
/// again. The node validates the position of the pushed record, as for any other record.
/// </summary>
internal sealed class InFlightRecords
{
    private const int Places = 1024;

    private readonly InvalidationRecord?[] _places = new InvalidationRecord?[Places];

    /// <summary>Adds a record. If two records share a slot, the later one replaces the earlier one, which is then parsed when received.</summary>
    public void Add(InvalidationRecord record) => Volatile.Write(ref _places[Place(record.Id)], record);

    public InvalidationRecord? Remove(long id)
    {
        ref var place = ref _places[Place(id)];
        if (Volatile.Read(ref place) is not { } record || record.Id != id)
            return null;

        // A record stored here concurrently may be lost as well, and is then parsed when received.
        Volatile.Write(ref place, null);
        return record;
    }

    private static int Place(long id) => (int)((ulong)id % Places);
}
