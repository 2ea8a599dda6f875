using Unstale.Log;

namespace Unstale.Node;

/// <summary>
/// Passes the records of all partitions to one listener, one at a time. A target of every partition is passed only from the first partition, so that
/// the listener receives the target once.
/// </summary>
internal sealed class MergedListener(IRecordListener listener) : IRecordListener
{
    private readonly Lock _gate = new();

    public void Passed(in LogPosition position, InvalidationRecord record)
    {
        if (record.ReportedBy(position.Partition) is not { } own)
            return;
        lock (_gate)
            listener.Passed(position, own);
    }

    public void Skipped(in LogPosition position)
    {
        lock (_gate)
            listener.Skipped(position);
    }
}
