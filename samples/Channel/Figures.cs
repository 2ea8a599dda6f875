using Unstale.Redis.Channel;

namespace ChannelSample;

internal static class Figures
{
    public static void Print(ChannelCounters figures) => Console.WriteLine(
        $"published {figures.Published}, received {figures.Received}, errors {figures.Errors}, gaps {figures.Gaps}, callbacks p50 {figures.LatencyP50Ms:0.00} ms, p99 {figures.LatencyP99Ms:0.00} ms");
}
