using Unstale.Boundary;

namespace Unstale.Log;

/// <summary>
/// Highest version of each key reported in the last ten minutes and somewhat longer. Two tables alternate, by age or by size. All members require the
/// owner's lock.
/// </summary>
/// <param name="time">Clock by which versions are forgotten.</param>
/// <param name="most">Maximum number of keys in one table.</param>
internal sealed class VersionCells(GuardedTime time, int most = VersionCells.MostCells)
{
    public const int MostCells = 1_000_000;

    /// <summary>Maximum delay at which a late writer is still recognised.</summary>
    public static readonly TimeSpan Reach = TimeSpan.FromMinutes(10);

    private readonly long _began = time.GetTimestamp();
    private Dictionary<(string Cache, string Key), VersionCell> _current = [];
    private Dictionary<(string Cache, string Key), VersionCell> _older = [];
    private TimeSpan _currentSince;

    /// <summary>Time since which all reported versions are in the tables. No version was reported before the process began.</summary>
    private TimeSpan _since = -Reach;

    private TimeSpan Now => time.GetElapsedTime(_began);

    /// <summary>Returns the cell of the key; one with version 0 if there is none.</summary>
    public VersionCell Get(string cache, string key) =>
        _current.TryGetValue((cache, key), out var cell) || _older.TryGetValue((cache, key), out cell) ? cell : new VersionCell(0, 0, _since + Reach);

    /// <summary>True if no version newer than the cell's can have been forgotten.</summary>
    public bool IsSure(in VersionCell cell) => Now >= cell.SureFrom;

    /// <summary>
    /// Records the version reported by a record. The cell retains its <see cref="VersionCell.SureFrom"/>, so a cell raised while a higher version may
    /// have been forgotten remains unsure until then.
    /// </summary>
    public void Raise(string cache, string key, in VersionCell known, long version, long sequence)
    {
        Turn();
        if (version >= known.Version)
            _current[(cache, key)] = known with { Version = version, Sequence = sequence };
    }

    /// <summary>Forgets all versions reported before.</summary>
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
        if (_older.Count > 0) // otherwise nothing is forgotten
            _since = _currentSince;
        (_older, _current) = (_current, []);
        _currentSince = now;
    }
}
