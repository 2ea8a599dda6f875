using System.Runtime.CompilerServices;
using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Measuring;
using Unstale.Benchmarks.Redis.Nodes;

namespace Unstale.Benchmarks.Redis.Values;

/// <summary>Reads that find nothing in memory and the value in Redis, beside <c>GET</c> of the same client.</summary>
internal static class RemoteHitBudgets
{
    private const int Keys = 1_000, ValueLength = 400;
    private const double TimesGet = 1.25, LeastRatio = 0.75;

    private static readonly string Value = new('v', ValueLength);
    private static readonly string[] Names = [.. Enumerable.Range(0, Keys).Select(i => $"product:{i:D6}")];

    public static IEnumerable<BudgetLine> Measure(PrivateRedis server, RedisScale scale)
    {
        using var node = new RedisNode(server);
        using var bare = new BareGets(server);
        Stored.Fill(node.Cache, Names, Value, static name => ["catalogue", "category:" + name[^1], "supplier:" + name[^2]]);
        foreach (var name in Names)
            bare.Set(name, Value);

        foreach (var (count, name) in new[] { (1, "1 caller"), (50, "50 callers") })
        {
            var gets = new Callers(count, (caller, turn) => bare.GetAsync(Name(caller, turn)));
            var hits = new Callers(count, (caller, turn) => ReadAsync(node.Cache, Name(caller, turn)));
            var rates = scale.Cluster.Medians(() => gets.PerSecond(scale.Slice), () => hits.PerSecond(scale.Slice));
            var title = $"value in Redis, {ValueLength} bytes, 3 tags, {name}";
            yield return count == 1
                ? new(title, "µs", 1e6 / rates[1]) { Bare = 1e6 / rates[0], RatioBudget = TimesGet }
                : new(title, "/s", rates[1]) { Bare = rates[0], LeastRatio = LeastRatio };
            yield return new($"value in Redis, {name}, bytes allocated", "B", hits.Allocated(scale.Slice)) { Bare = gets.Allocated(scale.Slice) };
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask ReadAsync(UnstaleCache cache, string key)
    {
        var value = await Stored.ReadAsync(cache, key).ConfigureAwait(false);
        if (value.Length != ValueLength)
            throw new InvalidOperationException("It was another value.");
    }

    private static string Name(int caller, int turn) => Names[(caller * 17 + turn * 50) % Keys];
}
