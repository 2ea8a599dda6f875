using System.Buffers;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Tests.Cluster;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>Writes into the cache that fail before their record, after a write of the source: the old value must be invalidated.</summary>
public sealed class FailingWriteTests
{
    private static UnstaleEntryOptions Refused => new() { LoadTimeout = TimeSpan.FromDays(-1) };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> SetFailures =>
        ["serializer throws", "cycle", "tag list throws", "tag is empty", "tag is null", "tag is everything", "token is cancelled", "option is refused"];

    public static TheoryData<string> WriteThroughFailures => [.. SetFailures.Select(static row => row.Data), "tag is too long", "no version"];

    [Theory]
    [MemberData(nameof(SetFailures))]
    public async Task A_set_that_fails_invalidates_its_key_and_then_throws(string failure)
    {
        await using var cluster = NewCluster(out var source);
        await AssertGoneAsync(cluster, source, () => SetAsync(cluster.A.Cache, "k", failure, throughNamespace: false));
    }

    [Theory]
    [MemberData(nameof(WriteThroughFailures))]
    public async Task A_write_through_that_fails_invalidates_its_key_and_then_throws(string failure)
    {
        await using var cluster = NewCluster(out var source);
        await AssertGoneAsync(cluster, source, () => WriteAsync(cluster.A.Cache, "k", failure));
    }

    [Theory]
    [MemberData(nameof(SetFailures))]
    public async Task A_set_in_a_namespace_that_fails_invalidates_its_key_and_then_throws(string failure)
    {
        await using var cluster = NewCluster(out var source);
        var key = cluster.A.Cache.Namespace("n").KeyOf("k");
        await AssertGoneAsync(cluster, source, () => SetAsync(cluster.A.Cache, "k", failure, throughNamespace: true), key);
    }

    [Fact]
    public async Task A_set_with_a_tag_that_cannot_be_cached_only_invalidates_its_key()
    {
        await using var cluster = NewCluster(out var source);
        await AssertGoneAsync(cluster, source, () => SetAsync(cluster.A.Cache, "k", "tag is too long", throughNamespace: false), fails: false);
        Assert.Equal(1, cluster.A.Cache.GetStatistics().Uncacheable);
    }

    [Theory]
    [InlineData("no version")]
    [InlineData("token is cancelled")]
    public async Task An_invalidation_below_a_version_that_fails_invalidates_its_key_and_then_throws(string failure)
    {
        await using var cluster = NewCluster(out var source);
        await AssertGoneAsync(cluster, source, async () =>
        {
            await cluster.A.Cache.InvalidateUpToVersionAsync("k", failure == "no version" ? default : new SourceVersion(7), new CancellationToken(failure == "token is cancelled"));
        });
    }

    [Theory]
    [InlineData("tag list throws", false)]
    [InlineData("tag list throws", true)]
    [InlineData("option is refused", false)]
    [InlineData("option is refused", true)]
    public async Task A_write_that_fails_inside_a_scope_leaves_the_invalidation_to_the_scope(string failure, bool writesThrough)
    {
        await using var cluster = NewCluster(out var source);
        await AssertGoneAsync(cluster, source, async () =>
        {
            Exception thrown;
            using (var scope = cluster.A.Invalidator.BeginScope())
            {
                thrown = (await Record.ExceptionAsync(() =>
                    writesThrough ? WriteAsync(cluster.A.Cache, "k", failure) : SetAsync(cluster.A.Cache, "k", failure, throughNamespace: false)))!;
                await scope.CompleteAsync();
            }

            throw thrown;
        });
    }

    public static TheoryData<string> Writes => ["set", "set in namespace", "write-through", "write-through in namespace", "below", "below in namespace"];

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task A_disposed_cache_refuses_the_write_and_raises_nothing(string write)
    {
        foreach (var inScope in new[] { false, true })
        {
            await using var cluster = NewCluster(out var source);
            var space = cluster.A.Cache.Namespace("n");
            cluster.A.Cache.Rules.AddDependency("page", "k");
            cluster.A.Cache.Rules.AddDependency("page", space.KeyOf("k"));
            await cluster.B.ReadAsync("page", source);
            source.Value = "v2";
            using (var scope = inScope ? cluster.A.Invalidator.BeginScope() : null)
            {
                cluster.A.Cache.Dispose();
                await Assert.ThrowsAsync<ObjectDisposedException>(() => WriteAsync());
                if (scope is not null)
                    Assert.Empty((await scope.CompleteAsync(Stop)).Positions);
            }

            Assert.Equal("v1", (await cluster.B.ReadAsync("page", source)).Value);

            async Task WriteAsync()
            {
                switch (write)
                {
                    case "set":
                        await cluster.A.Cache.SetAsync("k", "v2", cancellationToken: Stop);
                        break;
                    case "set in namespace":
                        await space.SetAsync("k", "v2", cancellationToken: Stop);
                        break;
                    case "write-through":
                        await cluster.A.Cache.WriteThroughAsync("k", "v2", 7, cancellationToken: Stop);
                        break;
                    case "write-through in namespace":
                        await space.WriteThroughAsync("k", "v2", 7, cancellationToken: Stop);
                        break;
                    case "below":
                        await cluster.A.Cache.InvalidateUpToVersionAsync("k", 7, Stop);
                        break;
                    default:
                        await space.InvalidateUpToVersionAsync("k", 7, Stop);
                        break;
                }
            }
        }
    }

    [Fact]
    public async Task A_disposed_cache_still_removes_while_its_log_is_open()
    {
        await using var cluster = NewCluster(out var source);
        await AssertGoneAsync(cluster, source, async () =>
        {
            cluster.A.Cache.Dispose();
            await cluster.A.Cache.RemoveAsync("k", Stop);
            throw new InvalidTimeZoneException();
        });
    }

    [Fact]
    public async Task A_failing_write_throws_its_original_exception()
    {
        await using var cluster = NewCluster(out _);
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => SetAsync(cluster.A.Cache, "k", "serializer throws", throughNamespace: false));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SetAsync(cluster.A.Cache, "k", "token is cancelled", throughNamespace: false));
        await Assert.ThrowsAsync<ArgumentException>(() => SetAsync(cluster.A.Cache, "k", "tag is empty", throughNamespace: false));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => WriteAsync(cluster.A.Cache, "k", "no version"));
        Assert.Contains("LoadTimeout", (await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => WriteAsync(cluster.A.Cache, "k", "option is refused"))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => SetAsync(cluster.A.Cache, "k", "cache is disposed", throughNamespace: false));
    }

    private static async Task SetAsync(UnstaleCache cache, string key, string failure, bool throughNamespace)
    {
        if (failure == "cache is disposed")
            cache.Dispose();
        var token = new CancellationToken(failure == "token is cancelled");
        HybridCache face = throughNamespace ? cache.Namespace("n") : cache;
        if (failure == "option is refused")
        {
            await (throughNamespace ? cache.Namespace("n").SetAsync(key, "v2", Refused, null, token) : cache.SetAsync(key, "v2", Refused, null, token));
            return;
        }

        if (failure == "serializer throws")
            await face.SetAsync(key, new Unwritable(), cancellationToken: token);
        else if (failure == "cycle")
            await face.SetAsync(key, new Ring(), cancellationToken: token);
        else
            await face.SetAsync(key, "v2", tags: TagsFor(failure), cancellationToken: token);
    }

    private static async Task WriteAsync(UnstaleCache cache, string key, string failure)
    {
        if (failure == "cache is disposed")
            cache.Dispose();
        var version = failure == "no version" ? default : new SourceVersion(7);
        var token = new CancellationToken(failure == "token is cancelled");
        if (failure == "serializer throws")
            await cache.WriteThroughAsync(key, new Unwritable(), version, cancellationToken: token);
        else if (failure == "cycle")
            await cache.WriteThroughAsync(key, new Ring(), version, cancellationToken: token);
        else
            await cache.WriteThroughAsync(key, "v2", version, failure == "option is refused" ? Refused : null, TagsFor(failure), token);
    }

    private static IEnumerable<string>? TagsFor(string failure) => failure switch
    {
        "tag list throws" => ThrowingAfter(["a"]),
        "tag is empty" => [string.Empty],
        "tag is null" => [null!],
        "tag is everything" => ["*"],
        "tag is too long" => [new string('t', 5000)],
        _ => null,
    };

    private static IEnumerable<string> ThrowingAfter(string[] names)
    {
        foreach (var name in names)
            yield return name;
        throw new InvalidTimeZoneException("the list is broken");
    }

    private static TestCluster NewCluster(out Source source)
    {
        source = new Source();
        var cluster = new TestCluster(0);
        for (var i = 0; i < 2; i++)
            cluster.Add(more: static s => s.AddSingleton<IHybridCacheSerializer<Unwritable>, ThrowingSerializer>());
        return cluster;
    }

    /// <summary>Stores the value on both nodes, writes, and verifies that neither memory nor the second level serves the old value.</summary>
    private static async Task AssertGoneAsync(TestCluster cluster, Source source, Func<Task> write, string key = "k", bool fails = true)
    {
        await cluster.A.ReadAsync(key, source, tags: "t");
        await cluster.B.ReadAsync(key, source, tags: "t");
        source.Value = "v2";
        Assert.Equal(fails, await Record.ExceptionAsync(write) is not null);
        Assert.Equal("v2", (await cluster.B.ReadAsync(key, source, tags: "t")).Value);
    }

    private sealed class Unwritable;

    private sealed class Ring
    {
        public Ring Self => this;
    }

    private sealed class ThrowingSerializer : IHybridCacheSerializer<Unwritable>
    {
        public Unwritable Deserialize(ReadOnlySequence<byte> source) => new();

        public void Serialize(Unwritable value, IBufferWriter<byte> target) => throw new InvalidTimeZoneException("not today");
    }
}
