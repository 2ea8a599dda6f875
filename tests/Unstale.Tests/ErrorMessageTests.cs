using Microsoft.Extensions.DependencyInjection;
using Unstale.Log;
using Unstale.Tests.Hosting;
using Unstale.Tests.Support;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests;

/// <summary>Exact texts of the error messages. Those of the options are in <see cref="Hosting.OptionsTests"/>.</summary>
public sealed class ErrorMessageTests
{
    private static readonly string Long = new('x', 40);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task An_empty_key_is_refused_by_invalidations_and_never_cached(string? key) => await KeyRefusedAsync(
        key!, "The key is empty. Expected at least one character. (Parameter 'key')");

    [Fact]
    public async Task A_key_that_is_too_long_is_refused_by_invalidations_and_never_cached() => await KeyRefusedAsync(
        Long, "The key has 40 characters; MaximumKeyLength is 39. Use CacheKey.Hashed for long keys, or raise the option. (Parameter 'key')");

    [Fact]
    public async Task A_tag_that_is_empty_is_refused_wherever_one_is_named()
    {
        const string Message = "The tag is empty. Expected at least one character. (Parameter 'tag')";
        await TagRefusedAsync("", Message);
        await TagRefusedInvalidatingAsync("", Message);
    }

    [Fact]
    public async Task A_tag_that_is_too_long_is_refused_by_invalidations_and_never_cached()
    {
        var message = $"The tag '{Long[..32]}...' has 40 characters; MaximumKeyLength is 39. Shorten the tag, or raise the option. (Parameter 'tag')";
        await TagNotCachedAsync(Long);
        await TagRefusedInvalidatingAsync(Long, message);
    }

    [Fact]
    public async Task A_name_of_a_cache_with_half_of_a_surrogate_pair_is_refused()
    {
        const string Name = "shop\uD83D";
        var services = new ServiceCollection().AddLogging();
        services.AddUnstale(Name);
        await using var provider = services.BuildServiceProvider();
        var refused = Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() => provider.GetRequiredKeyedService<UnstaleCache>(Name));
        Assert.Equal(
            $"Cache '{Name}': The name of the cache contains an unpaired surrogate at index 4, which UTF-8 cannot represent: different names would be equal in other processes. Split text between whole characters.",
            refused.Message);
    }

    [Fact]
    public async Task A_tag_with_too_many_bytes_is_refused()
    {
        await using var test = new CacheUnderTest(static o => o.MaximumKeyLength = 65_536);
        var tag = new string('中', 21_846);
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => test.Invalidator.InvalidateTagAsync(tag, cancellationToken: Stop).AsTask());
        Assert.Equal($"The tag '{tag[..32]}...' has 65538 bytes in UTF-8; the maximum is 65535. Shorten the tag. (Parameter 'tag')", refused.Message);
        await test.Cache.SetAsync("k", "v", tags: [tag[1..], new string('x', 65_535)], cancellationToken: Stop);
    }

    [Theory]
    [InlineData("ab^", 2)]
    [InlineData("_ab", 0)]
    [InlineData("a^__", 3)]
    [InlineData("^^_", 0)]
    [InlineData("^_abc^_^", 7)]
    public async Task Half_a_surrogate_pair_is_refused_by_invalidations_and_never_cached(string picture, int at)
    {
        // Attributes cannot contain half of a surrogate pair: ^ represents the first half, _ the second.
        var name = picture.Replace('^', '\uD83D').Replace('_', '\uDE00');
        const string Why = "which UTF-8 cannot represent: different names would be equal in other processes. Split text between whole characters, or encode it.";
        await KeyRefusedAsync(name, $"The key contains an unpaired surrogate at index {at}, {Why} (Parameter 'key')");
        var message = $"The tag contains an unpaired surrogate at index {at}, {Why} (Parameter 'tag')";
        await TagNotCachedAsync(name);
        await TagRefusedInvalidatingAsync(name, message);
        var pattern = $"The pattern contains an unpaired surrogate at index {at}, {Why} (Parameter 'pattern')";
        Assert.Equal(pattern, Assert.Throws<ArgumentException>(() => new GlobPattern(name)).Message);
        Assert.Equal(pattern, Assert.Throws<ArgumentException>(() => new RegexPattern(name)).Message);
    }

    [Fact]
    public async Task An_entry_cannot_carry_the_tag_that_means_everything() => await TagRefusedAsync(
        "*", "'*' is not allowed as a tag of an entry: invalidating the tag '*' invalidates everything. Use another tag. (Parameter 'tags')");

    [Fact]
    public async Task An_invalidation_without_a_target_is_refused()
    {
        await using var test = new CacheUnderTest();
        const string Message = "The invalidation has no key, tag or pattern. To invalidate everything, call InvalidateEverythingAsync. (Parameter 'keys')";
        await RefusedAsync<ArgumentException>(Message, () => test.Invalidator.InvalidateAsync(cancellationToken: Stop).AsTask());
        await RefusedAsync<ArgumentException>(Message, () => test.Invalidator.InvalidateAsync([], [], [], [], "why", Stop).AsTask());
    }

    [Fact]
    public async Task A_change_without_a_resource_and_an_entity_change_without_an_id_are_refused()
    {
        await using var test = new CacheUnderTest();
        await RefusedAsync<ArgumentException>(
            "The resource is empty. Expected at least one character. (Parameter 'resource')", () => test.Invalidator.ChangedAsync("", "1", cancellationToken: Stop).AsTask());
        await RefusedAsync<ArgumentException>(
            "The id is empty. Expected at least one character. (Parameter 'id')", () => test.Invalidator.ChangedAsync("user", "", cancellationToken: Stop).AsTask());
        await RefusedAsync<ArgumentException>(
            "A change of 'user' with ChangeScope.Entity needs an id. Without one, use ChangeScope.Resource. (Parameter 'id')",
            () => test.Invalidator.ChangedAsync("user", null, scope: ChangeScope.Entity, cancellationToken: Stop).AsTask());
    }

    [Fact]
    public async Task A_value_that_cannot_be_read_back_is_not_kept()
    {
        await using var test = new CacheUnderTest();
        var refused = await Assert.ThrowsAsync<NotSupportedException>(() => test.Cache.SetAsync("k", new object(), cancellationToken: Stop).AsTask());
        Assert.Equal(
            "A value of type 'System.Object' cannot be cached as JSON: JSON does not contain the type of the object, so the object cannot be deserialized. "
            + "Register an IHybridCacheSerializer<T> for the type, or, if the type is immutable, seal it and mark it [ImmutableObject(true)].",
            refused.Message);
        Assert.Null(test.Cache.Inspect("k"));
        Assert.Equal(
            "A value of type 'System.Uri' cannot be cached, because the value changed when it was serialized and deserialized. JSON loses members without a setter or a constructor parameter, "
            + "and reverses the order of a stack. Register an IHybridCacheSerializer<T> for the type, or, if the type is immutable, seal it and mark it [ImmutableObject(true)].",
            Errors.NotReadBack(typeof(Uri)).Message);
    }

    [Fact]
    public void Foreign_bytes_are_refused_with_the_type_of_the_expected_value()
    {
        var refused = Assert.Throws<InvalidDataException>(() => new Unstale.Remote.CodecTable(null).For<string>().Deserialize(new(new byte[] { 9, 9 })));
        Assert.Equal("The stored bytes are not a value of type 'System.String': they do not begin with the mark that distinguishes null from a value.", refused.Message);
    }

    [Fact]
    public void The_error_of_an_invalid_position_or_generation_contains_the_expected_format()
    {
        Assert.Equal("'12' is not a generation. Expected 32 hexadecimal digits.", Assert.Throws<FormatException>(() => Generation.Parse("12")).Message);
        const string Message = "'1-2' is not a log position. Expected partition-generation-sequence; separate several positions with commas.";
        Assert.Equal(Message, Assert.Throws<FormatException>(() => LogPosition.Parse("1-2")).Message);
        Assert.Equal(Message, Assert.Throws<FormatException>(() => LogPositions.Parse("1-2")).Message);
    }

    [Fact]
    public void The_error_of_an_invalid_pattern_or_key_contains_the_permitted_form()
    {
        Assert.Equal(
            "The pattern has 0 characters. Expected 1 to 1024. To match all keys, invalidate everything. (Parameter 'text')",
            Assert.Throws<ArgumentException>(() => new GlobPattern("")).Message);
        Assert.Equal(
            "The id of a segment is ''. Pass an id that is not empty, as it appears in the key. (Parameter 'id')",
            Assert.Throws<ArgumentException>(() => GlobPattern.ForSegment("a", "")).Message);
        Assert.Equal(
            "'a:b' is not a valid namespace of a key: a namespace must not be empty or contain ':' or '%'. Pass the text after the first ':' as parts. (Parameter 'ns')",
            Assert.Throws<ArgumentException>(() => CacheKey.Of("a:b", "c")).Message);
        Assert.StartsWith("The regular expression '(' ", Assert.Throws<ArgumentException>(() => new RegexPattern("(")).Message, StringComparison.Ordinal);
        Assert.StartsWith("The regular expression '(?=a)' ", Assert.Throws<ArgumentException>(() => new RegexPattern("(?=a)")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invalidation_that_is_queued_has_no_position()
    {
        await using var test = new CacheUnderTest(services: Silent);
        var raised = test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop).AsTask();
        var receipt = await Eventually.Ends("the deadline passes", raised, () => test.Clock.Advance(TimeSpan.FromSeconds(1)));
        Assert.Equal(ReceiptState.Queued, receipt.State);
        const string Message = "The invalidation has no position, because its state is Queued. Check InvalidationReceipt.State, or wait until the log is reachable.";
        Assert.Equal(Message, Assert.Throws<InvalidOperationException>(() => receipt.Position).Message);
        Assert.Equal(Message, Assert.Throws<InvalidOperationException>(() => receipt.Positions).Message);
    }

    [Fact]
    public async Task Loads_without_a_log_are_limited()
    {
        await using var test = new CacheUnderTest(
            o =>
            {
                o.MaximumUntrustedLoads = 1;
                o.UntrustedLoadsWaiting = 1;
            },
            Silent);
        var source = new GatedSource();
        var running = test.Cache.GetOrCreateAsync("a", source.ReadAsync, cancellationToken: Stop).AsTask();
        await source[1].BegunAsync();
        var waiting = test.Cache.GetOrCreateAsync("b", source.ReadAsync, cancellationToken: Stop).AsTask();
        await RefusedAsync<LoadRejectedException>(
            "Cache 'default' is not trusted and reads from the source: 1 loads are running (MaximumUntrustedLoads) and 1 are waiting (UntrustedLoadsWaiting). "
            + "Try again later, or raise the options.",
            () => test.Cache.GetOrCreateAsync("c", source.ReadAsync, cancellationToken: Stop).AsTask());
        source[1].LetGo();
        source[2].LetGo();
        Assert.Equal(["old", "old"], await Eventually.Ends("the others end", Task.WhenAll(running, waiting)));
        Assert.Equal(0, test.Cache.GetStatistics().Entries);
    }

    private static void Silent(IServiceCollection services) => services.AddKeyedSingleton<IInvalidationLog>("default", new SilentLog());

    private static async Task KeyRefusedAsync(string key, string message)
    {
        await using var test = new CacheUnderTest(o => o.MaximumKeyLength = 39);
        var loads = 0;
        ValueTask<int> Load(CancellationToken token) => new(++loads);
        Assert.Equal(1, await test.Cache.GetOrCreateAsync(key, Load, cancellationToken: Stop));
        Assert.Equal(2, await test.Cache.GetOrCreateAsync(key.AsSpan(), Load, cancellationToken: Stop));
        Assert.Equal(3, await test.Cache.GetOrCreateAsync($"{key}", Load, cancellationToken: Stop));
        Assert.Equal((4, CacheOutcome.Load), await test.Cache.GetOrCreateResultAsync(key, (_, t) => Load(t), cancellationToken: Stop) is var result ? (result.Value, result.Outcome) : default);
        Assert.False((await test.Cache.TryGetAsync<int>(key, Stop)).IsFound);
        await test.Cache.SetAsync(key, 1, cancellationToken: Stop);
        await test.Cache.RemoveAsync(key, Stop);
        Assert.False(test.Cache.TryGet(key, out int _));
        Assert.Equal((6, 4, 0), test.Cache.GetStatistics() is var counted ? (counted.Uncacheable, counted.Loads, counted.Entries) : default);
        foreach (var call in new Func<Task>[]
        {
            () => test.Invalidator.InvalidateKeyAsync(key, cancellationToken: Stop).AsTask(),
            () => test.Cache.WriteThroughAsync(key, 1, new SourceVersion(1), cancellationToken: Stop).AsTask(),
            () => Task.FromResult(test.Cache.Inspect(key)),
        })
        {
            await RefusedAsync<ArgumentException>(message, call);
        }

        await RefusedAsync<ArgumentException>(InList("keys[1]", message), () => test.Invalidator.InvalidateAsync(keys: ["a", key], cancellationToken: Stop).AsTask());
    }

    private static async Task TagNotCachedAsync(string tag)
    {
        await using var test = new CacheUnderTest(o => o.MaximumKeyLength = 39);
        var loads = 0;
        Assert.Equal(1, await test.Cache.GetOrCreateAsync("k", _ => new ValueTask<int>(++loads), tags: [tag], cancellationToken: Stop));
        Assert.Equal(2, await test.Cache.GetOrCreateAsync("k", _ => new ValueTask<int>(++loads), tags: ["a", tag], cancellationToken: Stop));
        await test.Cache.SetAsync("k", 7, cancellationToken: Stop);
        await test.Cache.SetAsync("k", 8, tags: [tag], cancellationToken: Stop);
        Assert.Null(test.Cache.Inspect("k")); // the set has removed the old value
        Assert.Equal(3, test.Cache.GetStatistics().Uncacheable);
        await test.Cache.RemoveByTagAsync(tag, Stop);
    }

    private static async Task TagRefusedAsync(string tag, string message)
    {
        await using var test = new CacheUnderTest(o => o.MaximumKeyLength = 39);
        foreach (var call in new Func<Task>[]
        {
            () => test.Cache.GetOrCreateAsync("k", static _ => new ValueTask<int>(1), tags: [tag], cancellationToken: Stop).AsTask(),
            () => test.Cache.GetOrCreateAsync("k", static _ => new ValueTask<int>(1), tags: ["a", tag], cancellationToken: Stop).AsTask(),
            () => test.Cache.SetAsync("k", 1, tags: [tag], cancellationToken: Stop).AsTask(),
            () => test.Cache.GetOrCreateAsync("k", (c, _) => Add(c), cancellationToken: Stop).AsTask(),
        })
        {
            await RefusedAsync<ArgumentException>(message, call);
        }

        Assert.Null(test.Cache.Inspect("k"));

        ValueTask<int> Add(LoadContext context)
        {
            context.AddTag(tag);
            return new(1);
        }
    }

    private static async Task TagRefusedInvalidatingAsync(string tag, string message)
    {
        await using var test = new CacheUnderTest(o => o.MaximumKeyLength = 39);
        await test.Cache.RemoveByTagAsync(tag, Stop);
        await test.Cache.RemoveByTagAsync(["a", tag], Stop);
        await RefusedAsync<ArgumentException>(InList("tags[1]", message), () => test.Invalidator.InvalidateAsync(tags: ["a", tag], cancellationToken: Stop).AsTask());
        await RefusedAsync<ArgumentException>(InList("allOf[1]", message), () => test.Invalidator.InvalidateAsync(allOf: ["a", tag], cancellationToken: Stop).AsTask());
        await RefusedAsync<ArgumentException>(message, () => test.Invalidator.InvalidateTagAsync(tag, cancellationToken: Stop).AsTask());
    }

    private static string InList(string place, string message)
    {
        var list = place[..place.IndexOf('[', StringComparison.Ordinal)];
        return $"{place}: {message[..message.LastIndexOf(" (", StringComparison.Ordinal)]} The other names of the call are invalidated. (Parameter '{list}')";
    }

    private static async Task RefusedAsync<T>(string message, Func<Task> call)
        where T : Exception => Assert.Equal(message, (await Assert.ThrowsAsync<T>(call)).Message);
}
