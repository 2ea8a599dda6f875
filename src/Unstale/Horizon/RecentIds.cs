namespace Unstale.Horizon;

/// <summary>Ids of the newest applied records. A push of another history is recognised by its id.</summary>
internal sealed class RecentIds
{
    private const int Kept = 4096;

    /// <summary>Allocated with the first record: a log that cannot break needs none.</summary>
    private (long Sequence, long Id)[]? _ids;

    public void Add(long sequence, long id)
    {
        _ids ??= new (long, long)[Kept];
        _ids[sequence % Kept] = (sequence, id);
    }

    /// <summary>True if another record has this sequence.</summary>
    public bool IsOther(long sequence, long id)
    {
        var known = _ids is null ? default : _ids[sequence % Kept];
        return known.Sequence == sequence && sequence > 0 && known.Id != id;
    }

    public void Clear() => _ids = null;
}
