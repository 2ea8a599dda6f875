namespace Unstale.Log;

/// <summary>Who raises invalidations: for people and for recognising one's own.</summary>
/// <param name="Node">Unique per process and log.</param>
/// <param name="Service">The name of the service.</param>
public sealed record RecordOrigin(string Node, string Service);
