using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Redis.Nodes;
using Unstale.Log;

namespace Unstale.Benchmarks.Redis.Invalidations;

/// <summary>
/// Callers that each wait for their invalidation, while another node follows the log, beside the bare script for each invalidation.
/// </summary>
internal static class InvalidationBudgets
{
    private const int Names = 1_000, Batch = 100, BatchCallers = 8, Many = 64;
    private const double Keys = 250.0 / 296, Tags = 150.0 / 296, Batches = 700.0 / 1_500;

    private static readonly string[] KeyNames = [.. Enumerable.Range(0, Names).Select(i => $"product:{i:D6}")];
    private static readonly string[] TagNames = [.. Enumerable.Range(0, Names).Select(i => $"category:{i:D6}")];
    private static readonly InvalidationTarget[][] KeyTargets = [.. KeyNames.Select(name => new[] { InvalidationTarget.ForKey(name) })];
    private static readonly InvalidationTarget[][] TagTargets = [.. TagNames.Select(name => new[] { InvalidationTarget.ForTag(name) })];

    public static IEnumerable<BudgetLine> Measure(PrivateRedis server, RedisScale scale)
    {
        using var writer = new RedisNode(server);
        using var reader = new RedisNode(server);
        using var bare = new BareAppends(server);
        var invalidator = writer.Invalidator;
        foreach (var (callers, name) in new[] { (1, "1 waiting caller"), (Many, $"{Many} waiting callers") })
        {
            double? Least(double ratio) => callers == Many ? ratio : null;
            var keys = Rates(
                scale,
                new(callers, (caller, turn) => bare.AppendAsync(KeyTargets[Name(caller, turn)])),
                new(callers, async (caller, turn) => await invalidator.InvalidateKeyAsync(KeyNames[Name(caller, turn)]).ConfigureAwait(false)));
            yield return new($"invalidate a key, {name}", "/s", keys[1]) { Bare = keys[0], LeastRatio = Least(Keys) };
            var tags = Rates(
                scale,
                new(callers, (caller, turn) => bare.AppendAsync(TagTargets[Name(caller, turn)])),
                new(callers, async (caller, turn) => await invalidator.InvalidateTagAsync(TagNames[Name(caller, turn)]).ConfigureAwait(false)));
            yield return new($"invalidate a tag, {name}", "/s", tags[1]) { Bare = tags[0], LeastRatio = Least(Tags) };
        }

        var many = KeyNames.Take(Batch).ToArray();
        var targets = many.Select(InvalidationTarget.ForKey).ToArray();
        var batches = Rates(
            scale,
            new(BatchCallers, (_, _) => bare.AppendAsync(targets)),
            new(BatchCallers, async (_, _) => await invalidator.InvalidateAsync(keys: many).ConfigureAwait(false)));
        yield return new($"keys invalidated in batches of {Batch}, {BatchCallers} waiting callers", "/s", batches[1] * Batch) { Bare = batches[0] * Batch, LeastRatio = Batches };
    }

    private static double[] Rates(RedisScale scale, Callers bare, Callers ours) =>
        scale.Cluster.Medians(() => bare.PerSecond(scale.Slice), () => ours.PerSecond(scale.Slice));

    private static int Name(int caller, int turn) => (caller * 31 + turn) % Names;
}
