using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using NSubstitute;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Sinks;

/// <summary>Targets for caches of other libraries, invalidated through their own interfaces.</summary>
public sealed class AdapterTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, string[]> Memory => new()
    {
        { "key", ["(1, product)", "product:1", "product:10", "user:1"] },
        { "tag", ["product:1", "product:10", "user:1"] },
        { "pattern", ["(1, product)", "user:1"] },
        { "regex", ["(1, product)", "user:1"] },
        { "everything", [] },
    };

    [Theory]
    [MemberData(nameof(Memory))]
    public async Task A_memory_cache_removes_the_named_keys_and_keeps_the_rest(string what, string[] left)
    {
        using var memory = new MemoryCache(new MemoryCacheOptions());
        await using var cache = new CacheUnderTest(services: s => s.AddSingleton<IMemoryCache>(memory).AddUnstale("default").AddMemoryCacheSink(
            map => map.KeysOfTag = tag => tag == "cheap" ? ["product:2", (1, "product")] : []));
        object[] keys = ["product:1", "product:2", "product:10", "user:1", (1, "product")];
        foreach (var key in keys)
            memory.Set(key, "value", new MemoryCacheEntryOptions { Priority = CacheItemPriority.NeverRemove });
        await RaiseAsync(cache, what);
        await Eventually.Holds(
            "it holds what was not named",
            () => memory.Keys.Select(key => key.ToString()!).Order(StringComparer.Ordinal).SequenceEqual(left, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Keys_of_a_memory_cache_that_are_called_otherwise_are_mapped_and_a_pattern_is_everything_then()
    {
        using var memory = new MemoryCache(new MemoryCacheOptions());
        await using var cache = new CacheUnderTest(services: s => s.AddSingleton<IMemoryCache>(memory).AddUnstale("default").AddMemoryCacheSink(
            map => map.KeysOf = key => [("id", key), ("name", key)]));
        foreach (var key in ((string, string)[])[("id", "1"), ("name", "1"), ("id", "2")])
            memory.Set(key, "value");
        await cache.Invalidator.InvalidateKeyAsync("1", cancellationToken: Stop);
        await Eventually.Holds("both names of it are gone", () => memory.Count == 1);
        await cache.Invalidator.InvalidatePatternAsync(new GlobPattern("2*"), cancellationToken: Stop);
        await Eventually.Holds("the pattern took everything", () => memory.Count == 0);
    }

    [Theory]
    [InlineData("key", "remove product:2")]
    [InlineData("tag", "tag cheap")]
    [InlineData("pattern", "tag *")]
    [InlineData("everything", "tag *")]
    public async Task A_HybridCache_of_another_implementation_is_invalidated_through_its_own_methods(string what, string expected)
    {
        var other = Substitute.For<HybridCache>();
        await using var cache = new CacheUnderTest(services: s => s.AddUnstale("default").AddHybridCacheSink("other", _ => other));
        await RaiseAsync(cache, what);
        await Eventually.Holds("it is told", () => other.ReceivedCalls().Any());
        Assert.Equal(expected, string.Join(", ", other.ReceivedCalls().Select(call =>
            (call.GetMethodInfo().Name == nameof(HybridCache.RemoveAsync) ? "remove " : "tag ")
            + (call.GetArguments()[0] as string ?? string.Join('+', (IEnumerable<string>)call.GetArguments()[0]!)))));
    }

    private static async Task RaiseAsync(CacheUnderTest cache, string what) => _ = what switch
    {
        "key" => await cache.Invalidator.InvalidateKeyAsync("product:2", cancellationToken: Stop),
        "tag" => await cache.Invalidator.InvalidateTagAsync("cheap", cancellationToken: Stop),
        "pattern" => await cache.Invalidator.InvalidatePatternAsync(new GlobPattern("product:*"), cancellationToken: Stop),
        "regex" => await cache.Invalidator.InvalidatePatternAsync(new RegexPattern("product:[0-9]+"), cancellationToken: Stop),
        _ => await cache.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop),
    };
}
