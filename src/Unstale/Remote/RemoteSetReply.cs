using Unstale.Log;

namespace Unstale.Remote;

/// <summary>What became of a set.</summary>
/// <param name="Append">Where its record stands.</param>
/// <param name="Written">Whether the value was stored.</param>
public readonly record struct RemoteSetReply(AppendReply Append, bool Written);
