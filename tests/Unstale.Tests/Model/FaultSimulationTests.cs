using System.Collections.Concurrent;
using System.Globalization;
using Unstale.Tests.Model.Simulation;
using Xunit;

namespace Unstale.Tests.Model;

/// <summary>
/// The horizon of the product in schedules full of faults. UNSTALE_SCHEDULES: number of schedules per profile (default: 120).
/// UNSTALE_FIRST_SEED: first seed. UNSTALE_TRACE=profile,seed prints one schedule.
/// </summary>
public sealed class FaultSimulationTests(ITestOutputHelper output)
{
    private static readonly int Schedules = Setting("UNSTALE_SCHEDULES", 120);
    private static readonly int FirstSeed = Setting("UNSTALE_FIRST_SEED", 0);

    /// <summary>Minimum number of events per schedule over all profiles. A run with fewer shows nothing.</summary>
    private static readonly (string What, double AtLeast)[] Coverage =
    [
        ("read memory", 20), ("read redis", 2), ("read source", 50), ("joined", 5), ("joined untrusted", .5), ("late joiners restarted", .1),
        ("writes", 10), ("sets", 2), ("sets stored", .2), ("failovers", .2), ("failbacks", .4), ("split brains", .1), ("generations", 1),
        ("lost writes", 2), ("pushes dropped", 3), ("connections cut", 2), ("nodes restarted", .3), ("executed late", .2),
        ("returned queued", 1), ("collapsed", .1), ("redis swept", .2), ("redis filled", 5), ("compared at rest", 1), ("suspected", .3), ("suspects taken", .3), ("read once more", .05), ("taken with more tags", .03), ("taken as stored", 1), ("taken as confirmed", .1), ("confirmed", .3),
    ];

    [Fact]
    public void Every_guarantee_holds_in_every_schedule()
    {
        var totals = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        var violations = new ConcurrentBag<string>();
        Parallel.For(0, Profile.All.Count * Schedules, i =>
        {
            var counts = new Dictionary<string, long>(StringComparer.Ordinal);
            if (ScheduleRun.Run(i % Profile.All.Count, FirstSeed + (i / Profile.All.Count), counts) is { } violation)
                violations.Add(violation);
            foreach (var (what, times) in counts)
                totals.AddOrUpdate(what, times, (_, before) => before + times);
        });
        foreach (var (what, times) in totals.OrderBy(t => t.Key, StringComparer.Ordinal))
            output.WriteLine($"{what}: {times}");
        Assert.True(violations.IsEmpty, $"{violations.Count} violations:\n{string.Join('\n', violations.Order(StringComparer.Ordinal).Take(20))}");
        foreach (var (what, least) in Coverage)
        {
            Assert.True(
                totals.GetValueOrDefault(what) >= least * Profile.All.Count * Schedules,
                $"inconclusive: '{what}' happened only {totals.GetValueOrDefault(what)} times");
        }
    }

    [Fact]
    public void A_schedule_runs_the_same_way_each_time()
    {
        var first = ScheduleRun.Trace(0, 1);
        Assert.NotEmpty(first);
        Assert.Equal(first, ScheduleRun.Trace(0, 1));
    }

    [Fact]
    public void A_single_schedule_can_be_traced()
    {
        var wanted = Environment.GetEnvironmentVariable("UNSTALE_TRACE") ?? "0,0";
        var parts = wanted.Split(',').Select(p => int.Parse(p, CultureInfo.InvariantCulture)).ToArray();
        var trace = ScheduleRun.Trace(parts[0], parts[1]);
        Assert.NotEmpty(trace);
        foreach (var line in trace)
            output.WriteLine(line);
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
