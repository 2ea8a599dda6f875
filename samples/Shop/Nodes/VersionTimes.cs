using Shop.Data;

namespace Shop.Nodes;

/// <summary>Times of the newest versions of each product: an answer is out of date since the first version that is newer.</summary>
internal sealed class VersionTimes
{
    private const int Kept = 64;

    private readonly Dictionary<long, SortedList<long, DateTimeOffset>> _times = [];
    private readonly Lock _gate = new();

    /// <summary>Records the time of a version. The first report of a version counts: that of the commit, if this process has written the row.</summary>
    public void Note(long id, long version, DateTimeOffset time)
    {
        lock (_gate)
        {
            if (!_times.TryGetValue(id, out var times))
                _times.Add(id, times = []);

            times.TryAdd(version, time);
            if (times.Count > Kept)
                times.RemoveAt(0);
        }
    }

    /// <summary>Records the version read from the database, with the time in its row.</summary>
    public void Note(long id, ProductVersion read) => Note(id, read.Version, ProductVersion.Time(read.ChangedAt));

    /// <summary>Returns the time of a version, or null if its row was never written again.</summary>
    public DateTimeOffset? TimeOf(long id, long version) => Find(id, known => known == version);

    /// <summary>Returns the time since which a version is out of date, or null if no newer one is known.</summary>
    public DateTimeOffset? OutOfDateSince(long id, long version) => Find(id, known => known > version);

    private DateTimeOffset? Find(long id, Func<long, bool> isWanted)
    {
        lock (_gate)
        {
            if (!_times.TryGetValue(id, out var times))
                return null;

            foreach (var (version, time) in times)
            {
                if (isWanted(version))
                    return time == DateTimeOffset.UnixEpoch ? null : time;
            }

            return null;
        }
    }
}
