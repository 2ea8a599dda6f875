using Unstale.Log;

namespace Unstale.Redis.Log;

/// <summary>Record made from a message received on a channel, possibly by other nodes as well.</summary>
/// <param name="Claim">Same text on every node that received the message, so that the log accepts one record; empty for a record of this node alone.</param>
/// <param name="Record">Record to append.</param>
internal readonly record struct ExternalAppend(string Claim, InvalidationRecord Record);
