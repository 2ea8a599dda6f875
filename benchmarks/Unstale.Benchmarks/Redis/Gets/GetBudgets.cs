using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Measuring;
using Unstale.Benchmarks.Redis.Nodes;

namespace Unstale.Benchmarks.Redis.Gets;

/// <summary><c>GET</c> over one connection by our client, beside a socket that pipelines by hand.</summary>
internal static class GetBudgets
{
    private static readonly (int Callers, double Least)[] Budgets = [(1, 45.0 / 49), (50, 600.0 / 780), (500, 1_500.0 / 2_000)];

    public static IEnumerable<BudgetLine> Measure(PrivateRedis server, RedisScale scale)
    {
        using var client = new ClientGets(server);
        using var raw = new RawGets(server);
        foreach (var (callers, least) in Budgets)
        {
            var name = callers == 1 ? "GET, 1 caller" : $"GET, {callers} callers";
            var ours = client.Callers(callers);
            var rates = scale.Gets.Medians(() => raw.PerSecond(callers, scale.Slice), () => ours.PerSecond(scale.Slice));
            yield return new(name, "/s", rates[1]) { Bare = rates[0], LeastRatio = least };
            var waits = scale.Gets.Medians(() => raw.Median(callers, scale.Slice), () => ours.Waits(scale.Slice).At(0.5));
            yield return new(name + ", p50", "µs", waits[1]) { Bare = waits[0] };
            yield return new(name + ", bytes per command beyond the value", "B", Math.Max(0, ours.Allocated(scale.Slice) - ClientGets.ResultBytes)) { Limit = 8 };
        }
    }
}
