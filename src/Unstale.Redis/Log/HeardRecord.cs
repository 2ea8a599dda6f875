using Unstale.Log;

namespace Unstale.Redis.Log;

/// <summary>A record made of what was heard elsewhere, perhaps by other nodes too.</summary>
/// <param name="Claim">The same on every node that heard it, so that the log takes one; empty for a record of this node alone.</param>
/// <param name="Record">The record.</param>
internal readonly record struct HeardRecord(string Claim, InvalidationRecord Record);
