namespace Unstale.Remote;

/// <summary>The right to fill a key, ended by an invalidation of the key.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Key">The key.</param>
/// <param name="Token">Random: a lease that was lost and granted again is another.</param>
/// <param name="Sequence">The newest record when it was granted.</param>
public sealed record RemoteLease(int Partition, string Key, string Token, long Sequence);
