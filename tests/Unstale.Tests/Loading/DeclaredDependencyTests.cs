using System.Runtime.CompilerServices;
using Unstale.Loading;
using Unstale.Tests.Cluster;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>Declared dependencies of a key: stored values carry them on every path, and stored values are reported to the declaring side.</summary>
public sealed class DeclaredDependencyTests
{
    private readonly List<(string Key, string[] Carried)> _kept = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_loaded_entry_has_its_declared_and_recorded_dependencies_and_its_given_tags()
    {
        await using var test = NewCache();
        await LoadAsync(test.Cache);
        Assert.Equal(["base", "read"], test.Cache.Inspect("declared")!.Dependencies.Order(StringComparer.Ordinal));
        Assert.Equal(["given", "of base"], test.Cache.Inspect("declared")!.Tags.Order(StringComparer.Ordinal));
        await test.Cache.RemoveAsync("base", Stop);
        Assert.False(test.Cache.TryGet("declared", out string _));
        await LoadAsync(test.Cache);
        await test.Cache.RemoveByTagAsync("of base", Stop);
        Assert.False(test.Cache.TryGet("declared", out string _));
    }

    [Fact]
    public async Task A_set_entry_has_its_declared_dependencies_and_is_not_invalidated_by_its_own_record()
    {
        await using var test = NewCache();
        await test.Cache.SetAsync("declared", "v", tags: ["given"], cancellationToken: Stop);
        Assert.Equal(["base"], test.Cache.Inspect("declared")!.Dependencies);
        Assert.Equal(["given", "of base"], test.Cache.Inspect("declared")!.Tags);
        await test.Cache.RemoveAsync("base", Stop);
        Assert.False(test.Cache.TryGet("declared", out string _));
    }

    [Fact]
    public async Task A_value_from_the_second_level_has_the_dependencies_declared_on_the_reading_node()
    {
        await using var cluster = new TestCluster();
        Declare(cluster.B.Cache);
        await LoadAsync(cluster.A.Cache);
        Assert.Equal(["read"], cluster.A.Cache.Inspect("declared")!.Dependencies);
        await LoadAsync(cluster.B.Cache);
        Assert.Equal(1, cluster.B.Cache.GetStatistics().RemoteHits);
        Assert.Equal(["base", "read"], cluster.B.Cache.Inspect("declared")!.Dependencies.Order(StringComparer.Ordinal));
        await cluster.A.Cache.RemoveAsync("base", Stop);
        Assert.False(cluster.B.Holds("declared"));
        Assert.True(cluster.A.Holds("declared"), "nothing was declared there");
    }

    [Fact]
    public async Task Every_stored_value_is_reported_with_its_key_and_tags()
    {
        await using var test = NewCache();
        await LoadAsync(test.Cache);
        await test.Cache.SetAsync("set", "v", tags: ["t"], cancellationToken: Stop);
        await test.Cache.GetOrCreateAsync(
            "not kept",
            static (context, _) =>
            {
                context.DoNotStore();
                return new ValueTask<string>("v");
            },
            cancellationToken: Stop);
        Assert.Equal(["read", "declared", "set"], _kept.Select(k => k.Key));
        Assert.Equal(["\0base", "\0read", "given", "of base"], _kept[1].Carried.Order(StringComparer.Ordinal));
        Assert.Equal(["t"], _kept[2].Carried);
    }

    private CacheUnderTest NewCache()
    {
        var test = new CacheUnderTest();
        Declare(test.Cache);
        return test;
    }

    private void Declare(UnstaleCache cache)
    {
        DeclaredOf(ContextOf(cache)) = static key => key == "declared" ? [DependencyTag.ForKey("base"), "of base", DependencyTag.ForKey("declared")] : [];
        Kept(ContextOf(cache)) = (key, carried) => _kept.Add((key, carried.ToArray()));
    }

    private static ValueTask<string> LoadAsync(UnstaleCache cache) => cache.GetOrCreateAsync(
        "declared",
        async token => await cache.GetOrCreateAsync("read", static _ => new ValueTask<string>("v"), cancellationToken: token),
        tags: ["given"],
        cancellationToken: Stop);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_context")]
    private static extern ref StoreContext ContextOf(UnstaleCache cache);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<DeclaredOf>k__BackingField")]
    private static extern ref Func<string, IReadOnlyList<string>>? DeclaredOf(StoreContext context);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<OnStored>k__BackingField")]
    private static extern ref Action<string, ReadOnlySpan<string>>? Kept(StoreContext context);
}
