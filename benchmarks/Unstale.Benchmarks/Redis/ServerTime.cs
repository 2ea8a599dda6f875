using Unstale.Benchmarks.Redis.Nodes;

namespace Unstale.Benchmarks.Redis;

/// <summary>Server time of an operation, and the number of scripts that the server ran for it.</summary>
internal readonly record struct ServerTime(double Microseconds, double Scripts)
{
    /// <summary>
    /// Returns the figures from the server's statistics of commands. The time of a script includes the commands that it calls; a <c>GET</c> in a
    /// script counts twice.
    /// </summary>
    public static ServerTime Of(ServerCounters counters, Callers callers, TimeSpan slice)
    {
        var before = counters.Commands();
        var done = (double)callers.Done(slice);
        var after = counters.Commands();
        return new(after.Since(before, "evalsha", "eval", "get").Microseconds / done, after.Since(before, "evalsha", "eval").Calls / done);
    }
}
