namespace Unstale.Tests.Model.Simulation;

/// <summary>Runs schedules. Uses plain types only, for calls into an assembly compiled from changed sources.</summary>
internal static class ScheduleRun
{
    private const int Steps = 2500;
    private const int TraceKept = 400;

    /// <summary>Runs a schedule and returns the violated guarantee; null if all hold.</summary>
    public static string? Run(int profile, int seed, IDictionary<string, long> totals)
    {
        var schedule = new Schedule(seed, Profile.All[profile]);
        try
        {
            schedule.Run(Steps);
            return null;
        }
        catch (Violation violation)
        {
            return $"profile {profile} ({Profile.All[profile].Name}), seed {seed}, at {schedule.Now}: {violation.Message}";
        }
        finally
        {
            foreach (var (what, times) in schedule.Counts)
                totals[what] = (totals.TryGetValue(what, out var before) ? before : 0) + times;
        }
    }

    /// <summary>Returns the last events of a schedule.</summary>
    public static IReadOnlyList<string> Trace(int profile, int seed)
    {
        var trace = new List<string>();
        var schedule = new Schedule(seed, Profile.All[profile], trace);
        try
        {
            schedule.Run(Steps);
        }
        catch (Violation violation)
        {
            trace.Add(violation.Message);
        }

        return trace.Count <= TraceKept ? trace : trace[^TraceKept..];
    }
}
