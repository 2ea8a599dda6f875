using Unstale.Log;
using Unstale.Telemetry;

namespace Unstale.Node;

/// <summary>Raises an event for each record that a node applies.</summary>
internal sealed class RecordEvents(CacheEventQueue events) : IRecordListener
{
    public void Passed(in LogPosition position, InvalidationRecord record) => Raise(position, record);

    public void Skipped(in LogPosition position) => Raise(position, record: null);

    private void Raise(in LogPosition position, InvalidationRecord? record)
    {
        if (events.Wants(CacheEventKind.Invalidated))
            events.Raise(CacheEventKind.Invalidated, new CacheInvalidationEventArgs(position, record));
    }
}
