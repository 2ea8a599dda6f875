using Unstale.Benchmarks.Redis.Nodes;

namespace Unstale.Benchmarks.Redis;

/// <summary>The server's own time for an operation, and the scripts that it ran for one.</summary>
internal readonly record struct ServerTime(double Microseconds, double Scripts)
{
    /// <summary>
    /// By the server's statistics of commands. A script's time includes the commands that it calls; a <c>GET</c> in a script counts
    /// twice.
    /// </summary>
    public static ServerTime Of(ServerCounters counters, Callers callers, TimeSpan slice)
    {
        var before = counters.Commands();
        var done = (double)callers.Done(slice);
        var after = counters.Commands();
        return new(after.Since(before, "evalsha", "eval", "get").Microseconds / done, after.Since(before, "evalsha", "eval").Calls / done);
    }
}
