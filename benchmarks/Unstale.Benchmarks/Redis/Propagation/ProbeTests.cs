using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.Redis.Propagation;

/// <summary>Sends of distinct probes, one after the other with a pause, and the wait until all have arrived.</summary>
internal static class ProbeTests
{
    private const double LoadPerSecond = 5_000;
    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(2), Limit = TimeSpan.FromMinutes(1);

    /// <param name="arrivals">Arrivals, of as many probes as are to be sent.</param>
    /// <param name="send">Function that sends a probe.</param>
    /// <param name="load">Function called 5,000 times a second meanwhile. Default: null (no load).</param>
    /// <returns>Delays of the probes in microseconds, ascending.</returns>
    public static double[] Run(Arrivals arrivals, Func<int, ValueTask> send, Func<int, ValueTask>? load = null)
    {
        using var pace = load is null ? null : new Pace(LoadPerSecond, load);
        new ValueTask(SendAsync(arrivals, send)).Wait();
        return arrivals.Microseconds;
    }

    private static async Task SendAsync(Arrivals arrivals, Func<int, ValueTask> send)
    {
        for (var probe = 0; probe < arrivals.Count; probe++)
        {
            await Task.Delay(Gap, TimeProvider.System).ConfigureAwait(false);
            arrivals.Sent(probe);
            await send(probe).ConfigureAwait(false);
        }

        await arrivals.All.WaitAsync(Limit, TimeProvider.System).ConfigureAwait(false);
    }
}
