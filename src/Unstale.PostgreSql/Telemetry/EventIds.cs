namespace Unstale.PostgreSql.Telemetry;

/// <summary>Ids of the log messages, from 200. An id is never reused.</summary>
internal static class EventIds
{
    public const int DatabaseConnected = 200;
    public const int DatabaseDisconnected = 201;
    public const int DatabaseUnavailable = 202;
    public const int NotListening = 203;
    public const int SchemaCreated = 204;
    public const int ServerMayLoseCommits = 205;
    public const int DatabaseRecordUnreadable = 206;
    public const int OutboxFailed = 220;
    public const int OutboxRowUnreadable = 221;
    public const int OutboxSentAgain = 222;
    public const int CaptureFailed = 230;
    public const int CaptureReads = 231;
    public const int SlotCreated = 232;
    public const int CaptureLags = 233;
    public const int CaptureInTime = 234;
}
