using Unstale.Boundary;

namespace Unstale.Log;

/// <summary>
/// The highest version of each key that was told of in the last ten minutes and somewhat longer: two tables take turns, by age or by size.
/// Needs its owner's lock throughout.
/// </summary>
/// <param name="time">The time.</param>
/// <param name="most">How many a table holds.</param>
internal sealed class VersionCells(GuardedTime time, int most = VersionCells.MostCells)
{
    public const int MostCells = 1_000_000;

    /// <summary>A writer that is later than this is not recognised.</summary>
    public static readonly TimeSpan Reach = TimeSpan.FromMinutes(10);

    private readonly long _began = time.GetTimestamp();
    private Dictionary<(string Cache, string Key), VersionCell> _current = [];
    private Dictionary<(string Cache, string Key), VersionCell> _older = [];
    private TimeSpan _currentSince;

    /// <summary>All that was told of since then is in the tables. Before the process nothing was.</summary>
    private TimeSpan _since = -Reach;

    private TimeSpan Now => time.GetElapsedTime(_began);

    /// <summary>The key's cell; one with version 0 if it is not known.</summary>
    public VersionCell Of(string cache, string key) =>
        _current.TryGetValue((cache, key), out var cell) || _older.TryGetValue((cache, key), out cell) ? cell : new VersionCell(0, 0, _since + Reach);

    /// <summary>True if nothing newer than what the cell says can have been forgotten.</summary>
    public bool IsSure(in VersionCell cell) => Now >= cell.SureFrom;

    /// <summary>A record told of a version. A cell that was raised while nobody could be sure stays unsure for as long.</summary>
    public void Raise(string cache, string key, in VersionCell known, long version, long sequence)
    {
        Turn();
        if (version >= known.Version)
            _current[(cache, key)] = known with { Version = version, Sequence = sequence };
    }

    /// <summary>Nobody knows any more what was told before.</summary>
    public void Forget()
    {
        (_older, _current) = ([], []);
        _since = _currentSince = Now;
    }

    private void Turn()
    {
        var now = Now;
        if (now - _currentSince <= Reach && _current.Count < most)
            return;
        if (_older.Count > 0) // else nothing is forgotten
            _since = _currentSince;
        (_older, _current) = (_current, []);
        _currentSince = now;
    }
}
