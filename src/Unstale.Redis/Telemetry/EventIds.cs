namespace Unstale.Redis.Telemetry;

/// <summary>Ids of the log messages, from 100. An id is never reused.</summary>
internal static class EventIds
{
    public const int LinkUp = 100;
    public const int LinkDown = 101;
    public const int ConnectFailed = 102;
    public const int RunIdHidden = 103;
    // 104 was a warning about a replica in earlier versions.
    public const int ServerChecked = 105;
    public const int HistoryReplaced = 106;
    public const int ForeignKeyRemoved = 107;
    public const int FewThreads = 108;
    public const int OtherPartitionCount = 109;
    public const int RecordUnreadable = 110;
    public const int PushUnreadable = 111;
    public const int ValueUnreadable = 120;
    public const int Swept = 121;
    public const int SweepFailed = 122;
    public const int SweepRefused = 123;
    public const int WorkFailed = 127;
    public const int NotPublished = 130;
    public const int MessageRejected = 131;
    public const int CallbackFailed = 132;
    public const int GapCallbackFailed = 133;
    public const int ChannelGap = 134;
    public const int ChannelOverflowed = 135;
    public const int EverythingRefused = 136;
    public const int ReceivedNotAppended = 137;
    public const int NameRefused = 138;
    public const int PatternsCollapsed = 139;
    public const int KeyInvalidated = 140;
    public const int PatternInvalidated = 141;
    public const int BatchInvalidated = 142;
}
