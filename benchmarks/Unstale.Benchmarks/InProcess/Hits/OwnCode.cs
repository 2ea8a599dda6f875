namespace Unstale.Benchmarks.InProcess.Hits;

/// <summary>
/// Markers of caches that are called through the same abstract type. A loop that is generic over a struct is compiled for each marker, so that its calls
/// meet one type of cache, as in an application.
/// </summary>
internal static class OwnCode
{
    public readonly struct OfUnstale;

    public readonly struct OfHybridCache;

    public readonly struct OfConcurrentLru;

    public readonly struct OfConcurrentLfu;
}
