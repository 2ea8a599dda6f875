namespace Unstale.Log;

/// <summary>Origin of a record. Used for information, and to recognise own records.</summary>
/// <param name="Node">Identifier of the node, unique per process and log.</param>
/// <param name="Service">Name of the service.</param>
public sealed record RecordOrigin(string Node, string Service);
