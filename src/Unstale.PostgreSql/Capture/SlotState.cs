using NpgsqlTypes;

namespace Unstale.PostgreSql.Capture;

/// <summary>State of a replication slot.</summary>
/// <param name="IsActive">Whether a process reads the slot.</param>
/// <param name="Confirmed">Position up to which the changes are in the log.</param>
/// <param name="WalStatus">Whether the server still has the changes: <c>reserved</c>, <c>extended</c>, <c>unreserved</c> or <c>lost</c>.</param>
/// <param name="Current">Newest position of the server.</param>
/// <param name="IsOurs">Whether the slot is of this database and of the plugin <c>pgoutput</c>.</param>
/// <param name="Unread">Size of the unread log, in bytes.</param>
internal sealed record SlotState(
    bool IsActive, NpgsqlLogSequenceNumber Confirmed, string WalStatus, NpgsqlLogSequenceNumber Current, bool IsOurs, long Unread)
{
    public bool IsLost => WalStatus == "lost";
}
