namespace Unstale.Remote;

/// <summary>Right to store a loaded value under a key. An invalidation of the key ends the lease.</summary>
/// <param name="Partition">Partition of the key.</param>
/// <param name="Key">Key.</param>
/// <param name="Token">Random token. A lease that was lost and granted again has another token.</param>
/// <param name="Sequence">Sequence of the newest record when the lease was granted.</param>
internal sealed record RemoteLease(int Partition, string Key, string Token, long Sequence);
