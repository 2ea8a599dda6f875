using Unstale.Log;

namespace Unstale.Remote;

/// <summary>Outcome of a set.</summary>
/// <param name="Append">Position of the record in the log.</param>
/// <param name="Written">Whether the value was stored.</param>
internal readonly record struct RemoteSetReply(AppendReply Append, bool Written);
