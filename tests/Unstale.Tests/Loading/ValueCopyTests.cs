using System.ComponentModel;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>Values that callers share, and values copied for each caller.</summary>
public sealed class ValueCopyTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_change_of_a_returned_value_does_not_affect_other_callers()
    {
        await using var test = new CacheUnderTest();
        var gate = new GatedSource();
        async ValueTask<Basket> Load(CancellationToken token) => new() { Items = { await gate.ReadAsync(token) } };
        Task<Basket> ReadAsync() => test.Cache.GetOrCreateAsync("k", Load, cancellationToken: Stop).AsTask();
        var starter = ReadAsync();
        await gate[1].BegunAsync();
        var joiners = new[] { ReadAsync(), ReadAsync() };
        gate[1].LetGo();

        var baskets = new List<Basket> { await starter, await joiners[0], await joiners[1], await ReadAsync(), await ReadAsync() };
        foreach (var basket in baskets)
        {
            Assert.Equal(["old"], basket.Items);
            basket.Items.Add("mine");
            basket.Owner = "me";
        }

        Assert.Equal(baskets.Count, baskets.Distinct(ReferenceEqualityComparer.Instance).Count());
        Assert.True(test.Cache.TryGet("k", out Basket kept));
        Assert.Equal((1, null), (kept.Items.Count, kept.Owner));
        Assert.Equal(1, gate.Reads);
    }

    [Fact]
    public async Task A_change_of_a_value_after_SetAsync_does_not_affect_the_cache()
    {
        await using var test = new CacheUnderTest();
        var basket = new Basket { Items = { "a" } };
        await test.Cache.SetAsync("k", basket, cancellationToken: Stop);
        basket.Items.Add("b");
        Assert.True(test.Cache.TryGet("k", out Basket kept));
        Assert.Equal(["a"], kept.Items);
    }

    [Fact]
    public async Task A_change_of_a_refreshed_value_does_not_affect_the_cache()
    {
        await using var test = new CacheUnderTest();
        Basket? refreshed = null;
        await test.Cache.SetAsync("k", new Basket(), new UnstaleEntryOptions { FreshFor = TimeSpan.Zero }, cancellationToken: Stop);
        await test.Cache.GetOrCreateAsync("k", _ => new ValueTask<Basket>(refreshed = new Basket { Items = { "a" } }), cancellationToken: Stop);
        await Eventually.Holds("the refresh has ended", () => test.Cache.Inspect("k")?.State == EntryState.Live);
        refreshed!.Items.Add("b");
        Assert.True(test.Cache.TryGet("k", out Basket kept));
        Assert.Equal(["a"], kept.Items);
    }

    [Fact]
    public async Task Byte_arrays_and_records_are_copied()
    {
        await using var test = new CacheUnderTest();
        byte[] bytes = [1, 2, 3];
        Assert.NotSame(bytes, await test.Cache.GetOrCreateAsync("bytes", _ => new ValueTask<byte[]>(bytes), cancellationToken: Stop));
        bytes[0] = 9;
        Assert.True(test.Cache.TryGet("bytes", out byte[] copy));
        Assert.Equal([1, 2, 3], copy);

        var price = new Price("net", 1.5m);
        await test.Cache.SetAsync("price", price, cancellationToken: Stop);
        Assert.True(test.Cache.TryGet("price", out Price other));
        Assert.Equal(price, other);
        Assert.NotSame(price, other);
    }

    [Fact]
    public async Task Immutable_values_are_shared()
    {
        await using var test = new CacheUnderTest();
        var text = new string('x', 10);
        var name = new Name("n");
        await test.Cache.SetAsync("text", text, cancellationToken: Stop);
        await test.Cache.SetAsync("name", name, cancellationToken: Stop);
        Assert.True(test.Cache.TryGet("text", out string sameText));
        Assert.True(test.Cache.TryGet("name", out Name sameName));
        Assert.Same(text, sameText);
        Assert.Same(name, sameName);
        Assert.Same(name, await test.Cache.GetOrCreateAsync("name", static _ => new ValueTask<Name>(new Name("other")), cancellationToken: Stop));
    }

    [Fact]
    public async Task A_value_of_an_unsealed_immutable_type_is_copied()
    {
        await using var test = new CacheUnderTest();
        var open = new OpenName { Text = "n" };
        await test.Cache.SetAsync("open", open, cancellationToken: Stop);
        Assert.True(test.Cache.TryGet("open", out OpenName copy));
        Assert.NotSame(open, copy);
        Assert.Equal("n", copy.Text);
    }

    [Fact]
    public async Task Values_of_value_types_are_kept_as_they_are()
    {
        await using var test = new CacheUnderTest();
        var id = Guid.NewGuid();
        await test.Cache.SetAsync("id", id, cancellationToken: Stop);
        await test.Cache.SetAsync("zero", 0, cancellationToken: Stop);
        await test.Cache.SetAsync("pair", (1, 2L), cancellationToken: Stop);
        await test.Cache.SetAsync("mixed", (1, "a"), cancellationToken: Stop);
        Assert.True(test.Cache.TryGet("id", out Guid sameId) && sameId == id);
        Assert.True(test.Cache.TryGet("zero", out int zero) && zero == 0);
        Assert.True(test.Cache.TryGet("pair", out (int, long) pair) && pair == (1, 2));
        Assert.True(test.Cache.TryGet("mixed", out (int, string) mixed) && mixed == (1, "a"));
    }

    [Fact]
    public async Task Null_and_empty_are_values()
    {
        await using var test = new CacheUnderTest();
        await NullIsAHitAsync<string>(test);
        await NullIsAHitAsync<byte[]>(test);
        await NullIsAHitAsync<Basket>(test);
        await NullIsAHitAsync<Name>(test);
        await NullIsAHitAsync<int?>(test);
        var loads = 0;
        ValueTask<List<int>> Empty(CancellationToken token)
        {
            loads++;
            return new([]);
        }

        Assert.Empty(await test.Cache.GetOrCreateAsync("empty", Empty, cancellationToken: Stop));
        Assert.Empty(await test.Cache.GetOrCreateAsync("empty", Empty, cancellationToken: Stop));
        Assert.Equal(1, loads);
    }

    [Fact]
    public async Task A_value_of_another_type_is_a_miss_and_is_replaced()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.SetAsync("k", "text", cancellationToken: Stop);
        Assert.False(test.Cache.TryGet("k", out int _));
        Assert.False(test.Cache.TryGet("k", out object _));
        Assert.Equal(5, await test.Cache.GetOrCreateAsync("k", static _ => new ValueTask<int>(5), cancellationToken: Stop));
        Assert.False(test.Cache.TryGet("k", out string _));
        Assert.False(test.Cache.TryGet("k", out Basket _));
        await test.Cache.SetAsync("k", new Basket(), cancellationToken: Stop);
        Assert.False(test.Cache.TryGet("k", out Price _));
        Assert.Equal(1, test.Cache.GetStatistics().Entries);
    }

    [Fact]
    public async Task A_value_that_is_too_large_is_returned_and_not_kept()
    {
        await using var test = new CacheUnderTest(o => o.MaximumPayloadBytes = 10);
        Assert.Equal(10, (await test.Cache.GetOrCreateAsync("fits", static _ => new ValueTask<byte[]>(new byte[9]), cancellationToken: Stop)).Length + 1);
        Assert.NotNull(test.Cache.Inspect("fits"));
        var gate = new GatedSource();
        async ValueTask<byte[]> Load(CancellationToken token)
        {
            await gate.ReadAsync(token);
            return new byte[11];
        }

        var starter = test.Cache.GetOrCreateAsync("large", Load, cancellationToken: Stop).AsTask();
        await gate[1].BegunAsync();
        var joiner = test.Cache.GetOrCreateAsync("large", Load, cancellationToken: Stop).AsTask();
        gate[1].LetGo();
        Assert.All(await Task.WhenAll(starter, joiner), v => Assert.Equal(11, v.Length));
        Assert.NotSame(await starter, await joiner);
        Assert.Null(test.Cache.Inspect("large"));
    }

    [Fact]
    public async Task Setting_a_value_that_is_too_large_only_invalidates()
    {
        await using var test = new CacheUnderTest(o => o.MaximumPayloadBytes = 10);
        await test.Cache.SetAsync("k", new byte[3], cancellationToken: Stop);
        Assert.True(test.Cache.TryGet("k", out byte[] _));
        await test.Cache.SetAsync("k", new byte[11], cancellationToken: Stop);
        Assert.Null(test.Cache.Inspect("k"));
    }

    private static async Task NullIsAHitAsync<T>(CacheUnderTest test)
    {
        var key = typeof(T).FullName!;
        var loads = 0;
        ValueTask<T> Load(CancellationToken token)
        {
            loads++;
            return new(default(T)!);
        }

        Assert.Null(await test.Cache.GetOrCreateAsync(key, Load, cancellationToken: Stop));
        Assert.Null(await test.Cache.GetOrCreateAsync(key, Load, cancellationToken: Stop));
        Assert.True(test.Cache.TryGet(key, out T value));
        Assert.Null(value);
        Assert.Equal(1, loads);
    }

    public sealed class Basket
    {
        public List<string> Items { get; init; } = [];

        public string? Owner { get; set; }
    }

    public sealed record Price(string Kind, decimal Amount);

    [ImmutableObject(true)]
    public sealed class Name(string text)
    {
        public string Text { get; } = text;
    }

    [ImmutableObject(true)]
    public class OpenName
    {
        public string? Text { get; set; }
    }
}
