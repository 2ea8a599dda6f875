using System.Text;

namespace Unstale.Log;

/// <summary>Approximate size of a record in a call, a push and the log, in bytes.</summary>
internal static class RecordSize
{
    private const int MetaBytes = 160;
    private const int TargetBytes = 8;
    private const int VersionBytes = 20;

    public static int Compute(InvalidationRecord record)
    {
        var size = MetaBytes + Bytes(record.Reason) + (record.Trace?.Length ?? 0) + Bytes(record.Via);
        if (record.Version is { } version)
            size += VersionBytes + Bytes(version.Cache);
        foreach (ref readonly var target in record.Targets)
            size += TargetBytes + Bytes(target.Text);
        return size;
    }

    private static int Bytes(string? text) => text is null ? 0 : Encoding.UTF8.GetByteCount(text);
}
