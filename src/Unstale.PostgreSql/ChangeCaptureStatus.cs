namespace Unstale.PostgreSql;

/// <summary>Status of the change capture of one cache, for health checks and diagnosis.</summary>
public sealed class ChangeCaptureStatus
{
    internal ChangeCaptureStatus()
    {
    }

    /// <summary>Whether publication and slot exist, with all tables.</summary>
    public required bool IsSetUp { get; init; }

    /// <summary>Whether a process reads the slot at this moment.</summary>
    public required bool IsReading { get; init; }

    /// <summary>Size of the write-ahead log that the reader has not confirmed, in bytes; null without a slot.</summary>
    public long? UnreadBytes { get; init; }

    /// <summary>State of the slot: <c>reserved</c>, <c>extended</c>, <c>unreserved</c> or <c>lost</c>; null without a slot.</summary>
    public string? SlotState { get; init; }

    /// <summary>
    /// <c>max_slot_wal_keep_size</c> of the server, in bytes; null for no limit. Above the limit the server drops the history of the slot, and everything is
    /// invalidated.
    /// </summary>
    public long? MaximumRetainedBytes { get; init; }

    /// <summary>Settings of server and tables that endanger the server, or cost precision, each with its remedy.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
}
