using Unstale.Log;

namespace Unstale.Redis.Log;

/// <summary>
/// Records that this node has sent and not heard of yet. What comes back with the id of one of them is that one and need not be read
/// again; where it came to stand is for the node to judge, as with any other.
/// </summary>
internal sealed class SentRecords
{
    private const int Places = 1024;

    private readonly InvalidationRecord?[] _places = new InvalidationRecord?[Places];

    /// <summary>Of two that fall on one place the later stays; the other is read.</summary>
    public void Add(InvalidationRecord record) => Volatile.Write(ref _places[Place(record.Id)], record);

    public InvalidationRecord? Take(long id)
    {
        ref var place = ref _places[Place(id)];
        if (Volatile.Read(ref place) is not { } record || record.Id != id)
        {
            return null;
        }

        // One that is put here right now may go with it, and is read then.
        Volatile.Write(ref place, null);
        return record;
    }

    private static int Place(long id) => (int)((ulong)id % Places);
}
