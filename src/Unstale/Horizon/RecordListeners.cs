using Unstale.Log;

namespace Unstale.Horizon;

/// <summary>Listeners to the records that a node applies. All members require the horizon's lock.</summary>
internal sealed class RecordListeners
{
    private IRecordListener[] _all = [];

    public void Add(IRecordListener listener) => _all = [.. _all, listener];

    public void Passed(LogPosition position, IRecordSource source)
    {
        if (_all.Length == 0)
            return;
        var record = source.ToRecord();
        foreach (var listener in _all)
            listener.Passed(position, record);
    }

    public void Skipped(LogPosition position)
    {
        foreach (var listener in _all)
            listener.Skipped(position);
    }
}
