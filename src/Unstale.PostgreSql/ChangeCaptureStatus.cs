namespace Unstale.PostgreSql;

/// <summary>Status of the change capture of one cache, for health checks and diagnosis.</summary>
/// <param name="IsSetUp">Whether publication and slot exist, with all tables.</param>
/// <param name="IsReading">Whether a process reads the slot at this moment.</param>
/// <param name="UnreadBytes">Size of the write-ahead log that the slot retains for the reader, in bytes; null without a slot.</param>
/// <param name="SlotState">State of the slot: <c>reserved</c>, <c>extended</c>, <c>unreserved</c> or <c>lost</c>; null without a slot.</param>
/// <param name="MaximumRetainedBytes">
/// <c>max_slot_wal_keep_size</c> of the server, in bytes; null for no limit. Above it the server drops the slot's history, and everything is invalidated.
/// </param>
/// <param name="Warnings">Settings of server and tables that endanger the server, or cost precision, each with its remedy.</param>
public sealed record ChangeCaptureStatus(
    bool IsSetUp, bool IsReading, long? UnreadBytes, string? SlotState, long? MaximumRetainedBytes, IReadOnlyList<string> Warnings);
