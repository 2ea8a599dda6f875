using System.Collections;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>Tags and options that the caller changes after the call.</summary>
public sealed class CallerTagTests
{
    private static readonly UnstaleEntryOptions Options = new() { Expiration = TimeSpan.FromSeconds(45), FreshFor = TimeSpan.FromSeconds(10) };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_array_that_is_used_again_for_many_keys_gives_each_refreshed_entry_its_own_tag()
    {
        await using var test = new CacheUnderTest();
        var tags = new string[1];
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 50; i++)
            {
                tags[0] = $"p:{i}";
                await test.Cache.GetOrCreateAsync($"k:{i}", static _ => new ValueTask<string>("v"), Options, tags, Stop);
            }

            if (round == 0)
                test.Clock.Advance(TimeSpan.FromSeconds(11));
        }

        await Eventually.Holds("all are refreshed", () => Enumerable.Range(0, 50).All(i => test.Cache.Inspect($"k:{i}") is { State: EntryState.Live }));
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal([$"p:{i}"], test.Cache.Inspect($"k:{i}")!.Tags);
            await test.Invalidator.InvalidateTagAsync($"p:{i}", cancellationToken: Stop);
            Assert.False(test.Cache.TryGet($"k:{i}", out string _));
        }
    }

    [Fact]
    public async Task A_caller_that_loads_again_uses_the_tags_that_it_passed_at_its_call()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        var tags = new[] { "a" };
        Task<string> ReadAsync(string[] named) => test.Cache.GetOrCreateAsync(
            "k", (c, t) => source.ReadAsync(() => c.AddTag("late"), t), tags: named, cancellationToken: Stop).AsTask();
        var first = ReadAsync(["a"]);
        await source[1].BegunAsync();
        await test.Invalidator.InvalidateTagAsync("late", cancellationToken: Stop);
        var second = ReadAsync(tags);
        Assert.Equal(1, test.Cache.GetStatistics().Joins);
        tags[0] = "changed";
        source[1].LetGo();
        await source[2].BegunAsync();
        source[2].LetGo();
        await Task.WhenAll(first, second);
        Assert.Equal(["a", "late"], test.Cache.Inspect("k")!.Tags);
    }

    [Fact]
    public async Task A_change_of_the_tags_returned_by_Inspect_does_not_change_the_entry()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.SetAsync("k", "v", tags: ["a"], cancellationToken: Stop);
        if (test.Cache.Inspect("k")!.Tags is string[] seen)
            seen[0] = "changed";
        Assert.Equal(["a"], test.Cache.Inspect("k")!.Tags);
        await test.Invalidator.InvalidateTagAsync("a", cancellationToken: Stop);
        Assert.False(test.Cache.TryGet("k", out string _));
    }

    [Fact]
    public async Task Changes_of_the_options_object_after_the_construction_do_not_affect_the_cache()
    {
        UnstaleOptions? options = null;
        await using var test = new CacheUnderTest(o =>
        {
            options = o;
            o.KeyPrefixes["short:"] = new UnstaleEntryOptions { Expiration = TimeSpan.FromSeconds(5) };
        });
        Assert.NotNull(test.Cache);
        options!.MaximumKeyLength = 16;
        options.DefaultExpiration = TimeSpan.FromSeconds(1);
        options.WhenNotTrusted = UntrustedReadBehavior.Throw;
        options.KeyPrefixes.Clear();
        options.DataTypes["k"] = new UnstaleEntryOptions { Expiration = TimeSpan.FromSeconds(2) };
        var key = "k:" + new string('x', 100);
        await test.Cache.SetAsync(key, "v", cancellationToken: Stop);
        await test.Cache.SetAsync("short:1", "v", cancellationToken: Stop);
        Assert.Equal(TimeSpan.FromMinutes(5), test.Cache.Inspect(key)!.ExpiresIn);
        Assert.Equal(TimeSpan.FromSeconds(5), test.Cache.Inspect("short:1")!.ExpiresIn);
    }

    [Fact]
    public async Task Tags_whose_enumeration_fails_load_nothing()
    {
        await using var test = new CacheUnderTest();
        var loads = 0;
        await Assert.ThrowsAsync<InvalidDataException>(() => test.Cache.GetOrCreateAsync(
            "k", _ => new ValueTask<int>(++loads), tags: new Failing(), cancellationToken: Stop).AsTask());
        await Assert.ThrowsAsync<InvalidDataException>(() => test.Cache.SetAsync("k", "v", tags: new Failing(), cancellationToken: Stop).AsTask());
        await Assert.ThrowsAsync<InvalidDataException>(() => test.Cache.RemoveByTagAsync(new Failing(), Stop).AsTask());
        Assert.Equal(0, loads);
        Assert.Null(test.Cache.Inspect("k"));
        Assert.Equal(1, await test.Cache.GetOrCreateAsync("k", _ => new ValueTask<int>(++loads), cancellationToken: Stop));
    }

    private sealed class Failing : IEnumerable<string>
    {
        public IEnumerator<string> GetEnumerator()
        {
            yield return "a";
            throw new InvalidDataException("no more");
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
