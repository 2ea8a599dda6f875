namespace Unstale.Node;

/// <summary>Status of the requesting node.</summary>
/// <param name="Generation">Generation of the node; none while the node has none.</param>
/// <param name="Since">Time since which the node is in the generation, by the node's clock.</param>
/// <param name="IsSettled">Whether no own record of the node is still being replayed from an older generation.</param>
internal readonly record struct NodeStatus(Generation Generation, long Since, bool IsSettled);
